# rooms.awk - holds the includes of the sources against the table of rooms in docs/architecture.md.
#   rooms.awk docs/architecture.md INCLUDES FILES
# INCLUDES: "file:line:#include "x"" lines as grep prints them; FILES: the names of all source files, one a line.
# Prints each fault as "file:line: what", last "N includes, N faults".
function fault(text) { print text; faults++ }
function folder(path) { return path ~ /\// ? substr(path, 1, match(path, /\/[^\/]*$/) - 1) : "." }
# The row that a file belongs to: a single file that has a row of its own, else its folder; all of actions/ is one room.
function room(path) { return path in is_room ? path : path ~ /^actions\// ? "actions" : folder(path) }
function module(path) { sub(/\.[ch]$/, "", path); return path }
function is_parts(path) { return path ~ /_parts\.h$/ }
FNR == 1 { part++ }
part == 1 && /<!-- end of rooms/ { inside = 0 }
part == 1 && inside && /^\| *`/ {
    split($0, cell, "|")
    name = cell[2]; gsub(/[` ]/, "", name)
    is_room[name] = 1
    may[name, name] = 1
    n = split(cell[3], words, "`")
    for (i = 2; i <= n; i += 2) { may[name, words[i]] = 1; named[words[i]] = name }
}
part == 1 && /<!-- rooms/ { inside = 1 }
part == 2 {
    split($0, p, ":"); split($0, q, "\"")
    file = p[1]; at = p[1] ":" p[2] ": "; target = q[2]
    includes++
    from = room(file); to = room(target)
    if (!(from in is_room)) fault(at "the room " from " has no row in the table")
    else if (!((from, to) in may)) fault(at from " may not include " to " (" target ")")
    a = module(file); b = module(target)
    if (a != b && !is_parts(file) && !is_parts(target)) { edge[++edges] = at a " -> " b; tail[edges] = a; head[edges] = b }
}
part == 3 { count[room($0)]++ }
END {
    for (name in named) if (!(name in is_room)) fault("docs/architecture.md: the row of " named[name] " names " name ", which has no row")
    for (name in is_room) if (name != "actions" && count[name] > 30) fault(name ": a room with " count[name] " files; 30 at most, so split it")
    if (count["runtime"] > 15) fault("runtime: " count["runtime"] " files outside the rooms; 15 at most")
    if (!includes || !length_of(is_room)) fault("nothing was looked at: no include, or no row between the markers")
    # What is on no circle is taken away from both ends until nothing more goes.
    do {
        gone = 0
        delete out; delete into
        for (i = 1; i <= edges; i++) if (!(i in dropped)) { out[tail[i]] = 1; into[head[i]] = 1 }
        for (i = 1; i <= edges; i++) if (!(i in dropped) && (!(head[i] in out) || !(tail[i] in into))) { dropped[i] = 1; gone++ }
    } while (gone)
    for (i = 1; i <= edges; i++) if (!(i in dropped)) fault(edge[i] " is part of a circle")
    printf "%d includes, %d faults\n", includes, faults
    exit faults > 0
}
function length_of(array,  k, n) { for (k in array) n++; return n + 0 }
