# help.awk - `make help`: each "target: ... ## group: text" of the makefiles, by group.
/^[a-z][a-z._ -]*:.* ## [a-z]+: / {
    target = $0
    sub(/:.*/, "", target)
    at = index($0, " ## ")
    group = substr($0, at + 4)
    text = substr(group, index(group, ": ") + 2)
    sub(/:.*/, "", group)
    lines[group] = lines[group] sprintf("    %-22s %s\n", target, text)
}
END {
    n = split("begin build test measure write check", order)
    for (i = 1; i <= n; i++) {
        printf "\n  to %s\n%s", order[i], lines[order[i]]
        delete lines[order[i]]
    }
    for (group in lines)
        printf "\n  %s\n%s", group, lines[group]
}
