# scoreboard.awk - does tests/scoreboard.tsv prove every promise of SECURITY.md? Reads SECURITY.md, the mutants, a list of all tests' names, a list
# "suite tool" of the tools and case files that each suite runs, and the table, in this order, with part= before each. Prints the faults.
function fault(text) { print text; faults++ }
function each_of(text, separator, list,  n) { n = split(text, list, separator); return n }
BEGIN { FS = "\t" }
part == "promises" && /^\| promise \| test \|$/ { inside = 1; next }
part == "promises" && /^## / { inside = 0 }
part == "promises" && inside && /^\| [^-]/ {
    line = $0
    gsub(/^\| | \|$/, "", line)
    cut = index(line, " | ")
    promises[++np] = substr(line, 1, cut - 1)
    proof[np] = substr(line, cut + 3)
}
part == "mutants" && !/^#/ && NF >= 5 { mutant[$1] = $5 }
part == "tests" { test[$1] = 1 }
part == "runs" { split($0, pair, " "); runs[pair[1], pair[2]] = 1; tool[pair[2]] = 1 }

# named ROW PROMISE: what SECURITY.md names as the test is among the row's tests, or run by one of them
function named(row, at,  text, word, i, list, n, found) {
    text = proof[at]
    while (match(text, /test_[a-z0-9_]+|[0-9][0-9]-[a-z][a-z-]*[a-z]|(tools|vectors)\/[a-z_]+/)) {
        word = substr(text, RSTART, RLENGTH)
        text = substr(text, RSTART + RLENGTH)
        found = 0
        n = each_of($3, " ", list)
        if (sub(/^(tools|vectors)\//, "", word)) {
            for (i = 1; i <= n; i++)
                found += (list[i], word) in runs
            if (!found)
                fault(row ": SECURITY.md names " word ", which none of the row's tests runs")
        } else {
            for (i = 1; i <= n; i++)
                found += list[i] == word
            if (!found)
                fault(row ": SECURITY.md names " word ", which is none of the row's tests")
        }
    }
}
part == "table" && !/^#/ {
    rows++
    if (NF != 4 || $1 == "" || $2 == "" || $3 == "" || $4 == "") {
        fault($1 ": a row has a name, a promise, tests and mutants")
        next
    }
    if (seen[$1]++)
        fault($1 ": there are two rows of this name")
    hits = 0
    for (p = 1; p <= np; p++)
        if (index(promises[p], $2) == 1) {
            hits++
            at = p
            owner[p] = owner[p] " " $1
        }
    if (hits != 1)
        fault($1 ": " hits " promises of SECURITY.md begin like it")
    else
        named($1, at)
    n = each_of($3, " ", tests)
    for (i = 1; i <= n; i++)
        if (!(tests[i] in test))
            fault($1 ": there is no test " tests[i])
    m = each_of($4, ";", mutants)
    for (k = 1; k <= m; k++) {
        if (!(mutants[k] in mutant)) {
            fault($1 ": there is no mutant \"" mutants[k] "\"")
            continue
        }
        turned = 0
        for (i = 1; i <= n; i++)
            turned += tests[i] ~ mutant[mutants[k]]
        if (!turned)
            fault($1 ": the mutant \"" mutants[k] "\" turns none of its tests red")
    }
}
END {
    for (p = 1; p <= np; p++)
        if (split(owner[p], list, " ") != 1)
            fault("SECURITY.md: " split(owner[p], list, " ") " rows for: " substr(promises[p], 1, 70))
    if (np < 2 || rows < 2)
        fault("nothing was looked at")
    exit faults > 0
}
