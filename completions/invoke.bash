# invoke.bash - completion of ./invoke, in bash, or in zsh after `autoload bashcompinit; bashcompinit`:
#     . completions/invoke.bash
_invoke() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} words=
    case $before in
    --save) # shellcheck disable=SC2207
        COMPREPLY=($(compgen -d -- "$word"))
        return ;;
    --org | --user | --permission-set) return ;;
    --data-action) words=Sandbox_Target ;;
    *)
        case $word in
        -*) words='--org --permission-set --user --data-action --save --watch --show-headers --help' ;;
        @*) # shellcheck disable=SC2207
            COMPREPLY=($(compgen -P @ -f -- "${word#@}"))
            return ;;
        *) words=$("${COMP_WORDS[0]}" --names 2>/dev/null) ;;
        esac ;;
    esac
    # shellcheck disable=SC2207
    COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -F _invoke invoke ./invoke
