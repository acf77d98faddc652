# follow.sh - follows a page of docs/ to the letter in a scratch copy of the tree: writes its files, runs its commands, and looks
# for what it says will be printed. Sourced after lib.sh. Blocks of a page:
#   ```sh             a command that succeeds          ```sh fails       one that does not
#   ```sh background  a server that stays              ```text           lines that the command before it printed
#   ```c FILE         the new content of FILE (json too)

tree=$top/$work/tree steps=$top/$work/steps said=$work/said.log

# copy_tree NAME...: the tree as it is, built, in $tree. A reader who has followed a page has its actions already: the copy begins
# without those of these names.
copy_tree() {
    rm -rf "$tree" "$steps"
    mkdir -p "$tree/build" "$steps"
    git ls-files -z --cached --others --exclude-standard | xargs -0 ls -d 2>/dev/null | tar cf - -T - | tar xf - -C "$tree"
    cp -a "$B" "$tree/$B" # so that only what is new is compiled
    rm -rf "$tree/build/test-work"
    again=
    for name in "$@"; do
        [ ! -d "$tree/actions/$name" ] || again=yes
        rm -rf "$tree/actions/$name" "$tree/tests/unit/$name" "$tree/$B/obj/actions/$name" "$tree/$B/libactions.a" "$tree/$B/tests/test_$name"
    done
    [ -z "$again" ] || (cd "$tree" && make openapi) >"$work/again.log" 2>&1 || cat "$work/again.log"
}

# split_page PAGE: one file per block: 01.run, 02.text, 03.file with the name of the file in 03.to
split_page() {
    awk -v out="$steps" '
        /^```/ && !inside { inside = 1; n++; kind = substr($1, 4); name = sprintf("%s/%02d", out, n)
            if (kind == "sh") kind = $2 == "" ? "run" : $2
            else if (kind != "text") { print $2 > (name ".to"); kind = "file" }
            file = name "." kind; printf "" > file; next }
        /^```/ { inside = 0; close(file); next }
        inside { print > file }' "$1"
    ls "$steps" >"$work/steps.log"
}

# run_background FILE: the server of a block, until its page has been followed; sets $background
run_background() {
    (cd "$tree" && eval "exec $(cat "$1")") >"$work/background.log" 2>&1 &
    background=$!
    server_pids="$server_pids $background"
    tries=0
    until grep -q 'Ctrl-C stops both' "$work/background.log" || [ $tries -ge 600 ]; do
        sleep 0.1
        tries=$((tries + 1))
    done
    check "$(head -n 1 "$1")" grep -q 'Ctrl-C stops both' "$work/background.log" || tail -n 30 "$work/background.log"
}

# follow: every block in its order
follow() {
    PORT=$(free_port) SANDBOX_PORT=$(free_port) SANDBOX_PUBSUB_PORT=0
    SANDBOX_URL=http://127.0.0.1:$SANDBOX_PORT
    export PORT SANDBOX_PORT SANDBOX_PUBSUB_PORT SANDBOX_URL
    unset TEST_WORK
    for step in "$steps"/*; do
        command=$(head -n 1 "$step")
        case $step in
        *.to) continue ;;
        *.file)
            to=$(cat "${step%.file}.to")
            if [ -f "$tree/$to" ] || [ "${to##*.}" = h ]; then pass "$to"; else fail "$to is not what the scaffold made"; fi
            cp "$step" "$tree/$to"
            ;;
        *.run | *.fails)
            (cd "$tree" && sh -e "$step") >"$said" 2>&1
            code=$?
            case $step in *.run) wanted="[ $code -eq 0 ]" ;; *) wanted="[ $code -ne 0 ]" ;; esac
            check "$command (exit code $code)" sh -c "$wanted" || tail -n 30 "$said"
            ;;
        *.background) run_background "$step" ;;
        *.text)
            while IFS= read -r line; do
                check "it printed: $line" grep -qF -- "$line" "$said" || tail -n 30 "$said"
            done <"$step"
            ;;
        esac
    done
}

# refused NAME WORDS [KIND]: make new-action says why, in words of its own
refused() {
    (cd "$tree" && make new-action NAME="$1" KIND="${3:-}") >"$work/refused.log" 2>&1 && return 1
    grep -q "^new-action: .*$2" "$work/refused.log" || { cat "$work/refused.log"; return 1; }
}

# second_action NAME [KIND]: one more builds and passes, without another word
second_action() {
    check "a second action ($1) builds and passes" sh -c "cd '$tree' && make new-action NAME='$1' KIND='${2:-}' && make '$B/tests/test_$1' && '$B/tests/test_$1'" \
        >"$work/second.log" 2>&1 || cat "$work/second.log"
}
