# sbom.awk - the JSON of make/sbom.sh from lines of kind, name, version, reference, origin, licence, source, SHA-256; set: version, serial, time, hash.
function text(name, value) { return "\"" name "\": \"" value "\"" }
function sha256(value) { return "\"hashes\": [{" text("alg", "SHA-256") ", " text("content", value) "}]" }
BEGIN {
    app = "pkg:generic/actionhost@" version
    print "{\n  " text("bomFormat", "CycloneDX") ",\n  " text("specVersion", "1.5") ",\n  " text("serialNumber", "urn:uuid:" serial) ",\n  \"version\": 1,"
    print "  \"metadata\": {\n    " text("timestamp", time) ",\n    \"component\": {" text("type", "application") ", " text("bom-ref", app) ", " text("name", "actionhost") ", " \
        text("version", version) ", " text("purl", app) ", \"licenses\": [{\"license\": {" text("id", "Apache-2.0") "}}], " sha256(hash) "}\n  },"
    printf "  \"components\": ["
}
{
    line = text("type", $1) ", " text("bom-ref", $4) ", " text("name", $2)
    if ($3 != "") line = line ", " text("version", $3)
    if ($4 ~ /^pkg:/) line = line ", " text("purl", $4)
    if ($5 != "") line = line ", " text("description", $5)
    if ($6 != "") line = line ", \"licenses\": [{\"license\": {" (sub(/^name: /, "", $6) ? text("name", $6) : text("id", $6)) "}}]"
    if (split($7, source, " ") == 2) line = line ", \"externalReferences\": [{" text("type", source[1]) ", " text("url", source[2]) "}]"
    if ($8 != "") line = line ", " sha256($8)
    printf "%s\n    {%s}", (NR > 1 ? "," : ""), line
    refs = refs (NR > 1 ? ", " : "") "\"" $4 "\""
}
END { print "\n  ],\n  \"dependencies\": [{" text("ref", app) ", \"dependsOn\": [" refs "]}]\n}" }
