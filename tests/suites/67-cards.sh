#!/bin/sh
# The cards' files in the org: pictures that decode, versions of one document, logos and heroes from the org, hostile ones.
. tests/lib.sh
HOST_PORT=$(free_port)
start_sandbox SANDBOX_HOST_URL="http://127.0.0.1:$HOST_PORT" || exit 1
start_host "$B/actionhost" || exit 1
data=$sandbox_url/services/data/v62.0
token=$(curl -s -d "grant_type=client_credentials&client_id=sandbox-client&client_secret=sandbox-secret" "$sandbox_url/services/oauth2/token" |
    sed -n 's/.*"access_token": *"\([^"]*\)".*/\1/p')

# call OPERATION FILE BODY: one invocation, its answer in FILE, its status in $status
call() {
    status=$(curl -s -o "$2" -w '%{http_code}' -H 'content-type: application/json' "$sandbox_url/sandbox/invoke/$1" -d "$3")
}
# member FILE NAME: first value of a member
member() { grep -o "\"$2\": *\(\"[^\"]*\"\|[0-9.a-z]*\)" "$1" | head -n 1 | sed 's/^[^:]*: *//; s/^"//; s/"$//'; }
# soql QUERY: the answer
soql() { curl -s -G -H "authorization: Bearer $token" --data-urlencode "q=$1" "$data/query"; }
total() { soql "$1" | grep -o '"totalSize": *[0-9]*' | grep -o '[0-9]*$'; }
# upload TITLE FILE: stores a file; its document's id
upload() {
    base64 -w 0 "$2" >"$work/upload.b64"
    { printf '{"Title":"%s","PathOnClient":"%s","VersionData":"' "$1" "$1"; cat "$work/upload.b64"; printf '"}'; } >"$work/upload.json"
    version=$(curl -s -H "authorization: Bearer $token" -H 'content-type: application/json' --data-binary "@$work/upload.json" "$data/sobjects/ContentVersion" |
        sed -n 's/.*"id": *"\([^"]*\)".*/\1/p')
    soql "SELECT ContentDocumentId FROM ContentVersion WHERE Id = '$version'" | sed -n 's/.*"ContentDocumentId": *"\([^"]*\)".*/\1/p'
}
# download VERSION FILE
download() { curl -s -o "$2" -H "authorization: Bearer $token" "$data/sobjects/ContentVersion/$1/VersionData"; }
versions="SELECT COUNT() FROM ContentVersion WHERE Title LIKE 'Electric Weekend%'"

# All nine sizes; each file decodes and has its size (image_compare reads with libpng).
call generateSocialCards "$work/nine.json" '{"campaignId":"701xx0000000011AAA","presets":["og","x_card","x_post","linkedin","instagram_square","instagram_portrait","story","pinterest","youtube_thumb"]}'
check "all nine sizes" test "$status/$(member "$work/nine.json" storedCount)" = 200/9
check "are nine files of the campaign" test "$(total "SELECT COUNT() FROM ContentDocumentLink WHERE LinkedEntityId = '701xx0000000011AAA'")" = 9
check "the campaign says so" test "$(soql "SELECT Social_Cards_Count__c FROM Campaign WHERE Id = '701xx0000000011AAA'" | grep -o '"Social_Cards_Count__c": *[0-9.]*' | grep -o '[0-9]*' | head -n 1)" = 9
good=0
for id in $(grep -o '"contentVersionId": *"[^"]*"' "$work/nine.json" | grep -o '068[^"]*'); do
    download "$id" "$work/$id.png"
    "$B/tests/image_compare" "$work/$id.png" "$work/$id.png" >/dev/null && good=$((good + 1))
done
check "every file decodes" test $good = 9
check "and holds its alternative text" grep -q 'Drive electric this weekend' "$work/$id.png"
check "which is the description of the file too" sh -c "curl -s -H 'authorization: Bearer $token' '$data/sobjects/ContentVersion/$id' | grep -q '\"Description\": *\"Drive electric'"

# Idempotence
before=$(total "$versions")
call generateSocialCards "$work/again.json" '{"campaignId":"701xx0000000011AAA","presets":["og","story"]}'
check "the same input stores nothing" test "$(member "$work/again.json" unchangedCount)/$(total "$versions")" = "2/$before"
check "and asks the org twice" sh -c "grep 'action=generateSocialCards ' '$work/host.log' | tail -n 1 | grep -q 'org_calls=2 '"
check "and names the same version" test "$(member "$work/again.json" contentVersionId)" = "$(member "$work/nine.json" contentVersionId)"
call generateSocialCards "$work/changed.json" '{"campaignId":"701xx0000000011AAA","presets":["og"],"template":"minimal"}'
check "a change is a new version" test "$(total "$versions")" = $((before + 1))
check "of the same document" test "$(member "$work/changed.json" contentDocumentId)" = "$(member "$work/nine.json" contentDocumentId)"
call generateSocialCards "$work/back.json" '{"campaignId":"701xx0000000011AAA","presets":["og"]}'
check "what was changed back is a version once more" test "$(member "$work/back.json" storedCount)" = 1

# Pictures from the org
hero=$(upload hero.png tests/goldens/card-photo-og.png)
logo=$(upload logo.png tests/goldens/card-photo-instagram_square.png)
head -c 3000 tests/goldens/card-photo-og.png >"$work/cut.png"
cut=$(upload cut.png "$work/cut.png")
printf '<svg xmlns="http://www.w3.org/2000/svg"/>' >"$work/logo.svg"
svg=$(upload logo.svg "$work/logo.svg")
call generateSocialCards "$work/photo.json" "{\"campaignId\":\"701xx0000000012AAA\",\"presets\":[\"og\",\"story\"],\"template\":\"photo\",\"format\":\"auto\",\"overrides\":{\"headline\":\"Winter\",\"heroDocumentId\":\"$hero\",\"logoDocumentId\":\"$logo\"}}"
check "a hero and a logo from the org" test "$status/$(member "$work/photo.json" storedCount)" = 200/2
check "auto is JPEG for a photograph" test "$(member "$work/photo.json" format)" = jpeg
check "without complaints" grep -q '"warnings": *\[\]' "$work/photo.json"
download "$(member "$work/photo.json" contentVersionId)" "$work/photo.jpg"
check "and the file is one" test "$(od -An -tx1 -N3 "$work/photo.jpg" | tr -d ' ')" = ffd8ff
call generateSocialCards "$work/cut.json" "{\"campaignId\":\"701xx0000000012AAA\",\"presets\":[\"og\"],\"storeFiles\":false,\"template\":\"split\",\"overrides\":{\"heroDocumentId\":\"$cut\",\"logoDocumentId\":\"$svg\"}}"
check "damaged and foreign pictures leave a card" test "$status/$(member "$work/cut.json" failedCount)" = 200/0
check "and say why: damaged" grep -q 'The hero cannot be used: the PNG is damaged' "$work/cut.json"
check "and say why: an SVG of nothing" grep -q 'The logo cannot be used: the SVG has no size' "$work/cut.json"

# A logo that is a drawing
printf '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40"><circle cx="20" cy="20" r="18" fill="#ffc820"/></svg>' >"$work/drawn.svg"
drawn=$(upload drawn.svg "$work/drawn.svg")
call generateSocialCards "$work/drawn.json" "{\"campaignId\":\"701xx0000000012AAA\",\"presets\":[\"og\"],\"storeFiles\":false,\"includeImages\":true,\"overrides\":{\"logoDocumentId\":\"$drawn\"}}"
check "an SVG logo is drawn" sh -c "test $status = 200 && ! grep -q 'cannot be used' '$work/drawn.json'"

# All designs on one sheet, and what platforms cover
before=$(total "SELECT COUNT() FROM ContentVersion")
call generateSocialCards "$work/preview.json" '{"campaignId":"701xx0000000010AAA","presets":["og"],"preview":true}'
check "a preview has a sheet and a score for each design" test "$status/$(grep -o '"score"' "$work/preview.json" | wc -l)/$(member "$work/preview.json" cardCount)" = 200/16/0
member "$work/preview.json" imageBase64 | base64 -d >"$work/preview.jpg" 2>/dev/null
check "the sheet is a JPEG" test "$(od -An -tx1 -N3 "$work/preview.jpg" | tr -d ' ')" = ffd8ff
call generateSocialCards "$work/zones.json" '{"campaignId":"701xx0000000010AAA","presets":["story"],"safeZones":true,"includeImages":true}'
check "safe zones are drawn and not stored" test "$status/$(member "$work/zones.json" status)" = 200/rendered
check "neither stores anything" test "$(total "SELECT COUNT() FROM ContentVersion")" = "$before"
count=$(total "SELECT COUNT() FROM Campaign")
call generateSocialCards "$work/preview2.json" '{"campaign":{"name":"Only looked at"},"presets":["story"],"preview":true}'
check "nor creates a campaign" test "$status/$(total "SELECT COUNT() FROM Campaign")" = "200/$count"

# A logo with transparent margins is drawn as the same one without
if command -v python3 >/dev/null 2>&1; then
    python3 - "$work" <<'END'
import struct, sys, zlib
def png(path, width, height, margin):
    def chunk(name, data):
        return struct.pack('>I', len(data)) + name + data + struct.pack('>I', zlib.crc32(name + data))
    row = lambda y: b'\0' + b''.join(b'\xff\xc8\x20\xff' if margin <= x < width - margin and margin <= y < height - margin
                                     else b'\0\0\0\0' if margin else b'\xff\xc8\x20\xff' for x in range(width))
    rows = [bytearray(row(y)) for y in range(height)]
    rows[height // 2][1 + 4 * (width // 2):5 + 4 * (width // 2)] = b'\0\0\0\0'  # so that both have something transparent
    open(path, 'wb').write(b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', struct.pack('>IIBBBBB', width, height, 8, 6, 0, 0, 0)) +
                           chunk(b'IDAT', zlib.compress(b''.join(rows))) + chunk(b'IEND', b''))
png(sys.argv[1] + '/tight.png', 120, 120, 0)
png(sys.argv[1] + '/padded.png', 360, 360, 120)
END
    for name in tight padded; do
        id=$(upload $name.png "$work/$name.png")
        call generateSocialCards "$work/$name.json" "{\"campaignId\":\"701xx0000000012AAA\",\"presets\":[\"og\"],\"storeFiles\":false,\"includeImages\":true,\"overrides\":{\"logoDocumentId\":\"$id\",\"heroDocumentId\":\"$id\"}}"
        member "$work/$name.json" imageBase64 | base64 -d >"$work/card-$name.png"
    done
    check "a logo with margins is drawn as one without" cmp -s "$work/card-tight.png" "$work/card-padded.png"
    check "and is there" test "$(wc -c <"$work/card-tight.png")" -gt 1000
else
    skip "a logo with transparent margins: no python3 (./deps.sh)"
fi

# A JPEG that is cut short: refused as a PNG is, while a whole one is taken
download "$(member "$work/photo.json" contentVersionId)" "$work/whole.jpg"
size=$(wc -c <"$work/whole.jpg")
for percent in 3 20 50 67; do
    head -c $((size * percent / 100)) "$work/whole.jpg" >"$work/cut$percent.jpg"
    id=$(upload cut.jpg "$work/cut$percent.jpg")
    call generateSocialCards "$work/cut$percent.json" "{\"campaignId\":\"701xx0000000012AAA\",\"presets\":[\"og\"],\"storeFiles\":false,\"template\":\"photo\",\"overrides\":{\"heroDocumentId\":\"$id\"}}"
    check "a JPEG cut at $percent % is told" grep -q 'The hero cannot be used: the JPEG is damaged' "$work/cut$percent.json"
done
id=$(upload whole.jpg "$work/whole.jpg")
call generateSocialCards "$work/whole.json" "{\"campaignId\":\"701xx0000000012AAA\",\"presets\":[\"og\"],\"storeFiles\":false,\"template\":\"photo\",\"overrides\":{\"headline\":\"Winter\",\"heroDocumentId\":\"$id\"}}"
check "a whole one is taken" grep -q '"warnings": *\[\]' "$work/whole.json"

# Texts that a template leaves out: in the answer, in the file and in the org
call generateSocialCards "$work/quote.json" '{"campaignId":"701xx0000000010AAA","presets":["pinterest"],"template":"quote"}'
check "a dropped button is told" grep -q '"droppedTexts": *\["cta"\]' "$work/quote.json"
check "and not in the alternative text" sh -c "! grep -q 'Book now' '$work/quote.json'"
download "$(member "$work/quote.json" contentVersionId)" "$work/quote.png"
check "nor in the file's" sh -c "grep -aq 'Fly into summer' '$work/quote.png' && ! grep -aq 'Book now' '$work/quote.png'"
call generateSocialCards "$work/quote2.json" '{"campaignId":"701xx0000000010AAA","presets":["pinterest"],"template":"quote"}'
check "nor when the card was there already" sh -c "grep -q unchanged '$work/quote2.json' && ! grep -q 'Book now' '$work/quote2.json'"

# No font: nothing is stored and the campaign is not said to have its cards
before=$(total "SELECT COUNT() FROM ContentVersion")
call generateSocialCards "$work/runes.json" '{"campaignId":"701xx0000000013AAA","presets":["og","story"],"overrides":{"headline":"\ud808\udf95"}}'
check "a character without a font fails its cards" test "$(member "$work/runes.json" failedCount)/$(member "$work/runes.json" errorCode)" = 2/font_missing
check "nothing is stored" test "$(total "SELECT COUNT() FROM ContentVersion")" = "$before"
check "the campaign is not Generated" test "$(soql "SELECT Social_Cards_Status__c FROM Campaign WHERE Id = '701xx0000000013AAA'" | grep -o '"Social_Cards_Status__c": *"[A-Za-z]*"' | grep -o '[A-Z][a-z]*"$')" = 'Failed"'

# Very long and very odd texts
long=$(printf 'Supercalifragilistic%.0s' 1 2 3 4 5 6 7 8 9 10)
call generateSocialCards "$work/long.json" "{\"campaignId\":\"701xx0000000012AAA\",\"storeFiles\":false,\"overrides\":{\"headline\":\"$long$long$long$long$long$long\",\"cta\":\"$long\"}}"
check "a word without end is cut" test "$status/$(member "$work/long.json" ellipsized)" = 200/true
check "and the rest is said" grep -q 'more than 400 characters' "$work/long.json"

# A new campaign
call generateSocialCards "$work/new.json" '{"campaign":{"name":"Type of its own","campaignType":"Trade Show","startDate":"2026-09-12"},"presets":["og"]}'
check "a new campaign" test "$status/$(member "$work/new.json" campaignCreated)" = 200/true
check "has its type in the org" test "$(total "SELECT COUNT() FROM Campaign WHERE Name = 'Type of its own' AND Type = 'Trade Show'")" = 1

# A call that ends in the org's refusal leaves nothing behind
count=$(total "SELECT COUNT() FROM Campaign")
curl -s -o /dev/null "$sandbox_url/sandbox/faults" -H 'content-type: application/json' -d '{"path":"/services/data","contains":"composite/graph","status":500,"errorCode":"UNKNOWN_EXCEPTION"}'
call generateSocialCards "$work/none.json" '{"campaign":{"name":"Never there"},"presets":["og"]}'
curl -s -o /dev/null -X DELETE "$sandbox_url/sandbox/faults"
check "a new campaign that fails is not there" test "$(total "SELECT COUNT() FROM Campaign")" = "$count"
call generateSocialCards "$work/images.json" '{"campaignId":"701xx0000000012AAA","presets":["og"],"storeFiles":false,"includeImages":true}'
member "$work/images.json" imageBase64 | base64 -d >"$work/inline.png" 2>/dev/null
check "the file itself on request" "$B/tests/image_compare" "$work/inline.png" "$work/inline.png"
check "but not unasked" sh -c "! grep -q imageBase64 '$work/nine.json'"
check "no worker died of it" sh -c "! grep -qE 'action_crashed|signal=' '$work/host.log'"
totals
