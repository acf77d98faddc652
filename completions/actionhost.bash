# actionhost.bash - completion of the host's commands, in bash, or in zsh after `autoload bashcompinit; bashcompinit`:
#     . completions/actionhost.bash
# The commands are those that the program itself lists, so a new one is completed at once.
_actionhost() {
    local word=${COMP_WORDS[COMP_CWORD]} words=
    case $COMP_CWORD-${COMP_WORDS[1]} in
    1-*) words=$("${COMP_WORDS[0]}" --help 2>/dev/null | sed -n 's/^  \([a-z]*\) .*/\1/p') ;;
    2-jobs) words='list show cancel retry pause resume --json --help' ;;
    2-config) words='--markdown' ;;
    2-actions) words='--markdown --schema' ;;
    esac
    # shellcheck disable=SC2207
    COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -F _actionhost actionhost build/release/actionhost
