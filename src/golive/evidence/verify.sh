#!/bin/sh
# Checks a sealed release, or a whole vault, with nothing but sh, jq, openssl, sha256sum and find.
#
#   sh verify.sh [--key PUBLIC_KEY.pem]... [--tsa-root CERTIFICATES.pem] [FOLDER]
#
# --tsa-root: certificates of a time stamp authority that you trust, its root first.
# FOLDER is where this script lies, unless given. Nothing in it is written; a few short-lived files
# lie in TMPDIR meanwhile. The first line says "intact" or "changed". Exit: 0 intact, 1 changed,
# 2 not a vault. Take the script from where you trust it: one found in a forgery proves nothing.
# No name that anybody chose is ever taken for a pattern.
set -uf
umask 077
LC_ALL=C
export LC_ALL

scratch="${TMPDIR:-/tmp}/golive-verify.$$"
newline='
'
given=''     # "<key id> <file>" a line, from --key
tsa=''       # the file from --tsa-root
trusted=''   # key ids that may seal
retired=''   # "<key id>=<end>" a line, of keys that no longer count
sealer=none  # who sealed the release looked at last
changed=''
checked=''
unchecked=''
sealed=0
seals=''     # "<key id> noted|missed <path>" a line

found() { changed="$changed  $1$newline"; }
proved() { checked="$checked  $1$newline"; }
could_not() { unchecked="$unchecked  $1$newline"; }
stop() { printf 'not a vault: %s\n' "$1"; exit 2; }
clean() { find "${scratch%/*}/" -maxdepth 1 -name "${scratch##*/}.*" -delete 2>/dev/null; }
trap clean EXIT
trap 'exit 130' INT TERM HUP

# save NAME: standard input into a scratch file that nobody else can have laid there.
save() {
    find "$scratch.$1" -delete 2>/dev/null
    { set -C; jq -Rsj . >"$scratch.$1"; } 2>/dev/null; saved=$?; set +C; return $saved
}
digest() { sum=$(sha256sum) && printf '%s' "${sum%% *}"; }
is_file() { [ -f "$1" ] && [ ! -L "$1" ]; }
digest_of() { is_file "$1" && digest <"$1"; }
canonical() { [ "$(jq -S -c -j . <"$1" 2>/dev/null | digest)" = "$(digest <"$1")" ]; }

one_line() { [ "$({ jq -S -c -j . && echo; } <"$1" 2>/dev/null | digest)" = "$(digest <"$1")" ]; }

# key_id FILE: SHA-256 of the public key in DER; nothing where the file holds no Ed25519 key.
key_id() {
    is_file "$1" || return 1
    case $(openssl pkey -pubin -in "$1" -noout -text 2>/dev/null) in
        *ED25519*) openssl pkey -pubin -in "$1" -outform DER 2>/dev/null | digest ;;
        *) return 1 ;;
    esac
}

# signed_by FILE KEY TYPE ID: whether the envelope FILE is validly signed as TYPE by the key in KEY,
# whose id is ID.
signed_by() {
    id=$4
    find "$scratch.pae" "$scratch.sig" -delete 2>/dev/null
    set -C
    # Base64 has spellings that decode to the same, and a signature has room for others beside it:
    # only what is written here counts.
    jq -j --arg type "$3" 'if .payloadType == $type and (.payload | @base64d | @base64) == .payload
            and keys == ["payload", "payloadType", "signatures"]
            and (.signatures | length == 1 and (.[0] | keys == ["keyid", "sig"]))
            and all(.signatures[].sig; length == 88 and test("^[A-Za-z0-9+/]{85}[AQgw]==$"))
        then (.payload | @base64d) as $p | "DSSEv1 \(.payloadType | utf8bytelength) \(.payloadType)",
            " \($p | utf8bytelength) \($p)"
        else error("another spelling") end' <"$1" >"$scratch.pae" 2>/dev/null &&
        jq -r --arg id "$id" '[.signatures[] | select(.keyid == $id)][0].sig' <"$1" 2>/dev/null |
        openssl base64 -d -A >"$scratch.sig" 2>/dev/null
    written=$?
    set +C
    [ $written -eq 0 ] && openssl pkeyutl -verify -pubin -inkey "$2" -rawin -in "$scratch.pae" \
        -sigfile "$scratch.sig" >/dev/null 2>&1
}

# payload FILE FILTER [ID]: what the jq FILTER makes of the envelope's payload; $id is the ID.
payload() {
    is_file "$1" && jq -r --arg id "${3:-}" ".payload | @base64d | fromjson | $2" <"$1" 2>/dev/null
}

# given_key ID: the file of the --key with that id.
given_key() {
    case "$newline$given" in
        *"$newline$1 "*) rest="${given#*"$1 "}"; printf '%s' "${rest%%"$newline"*}" ;;
        *) return 1 ;;
    esac
}

# signer FILE TYPE OWN_KEY: prints the id of a key that signed FILE. Keys from --key count; where
# none was given, the key that lies beside the seal does.
signer() {
    for id in $(jq -r '.signatures[].keyid' <"$1" 2>/dev/null); do
        if key=$(given_key "$id") && signed_by "$1" "$key" "$2" "$id"; then
            printf '%s' "$id"
            return 0
        fi
    done
    id=$(key_id "$3") && signed_by "$1" "$3" "$2" "$id" || return 1
    case " $trusted " in *" $id "*) printf '%s' "$id"; return 0 ;; esac
    [ -z "$given" ] && printf '%s' "$id"
}

# odd FOLDER LABEL [TEST]...: reports links, devices, unprintable names and what can't be looked
# into; 1 where something must not be opened.
odd() {
    inside=$1; label=$2; shift 2
    strange=$(cd "$inside" && find . ! -type f ! -type d "$@" -print0 |
        jq -Rrs 'split("\u0000")[] | select(. != "") | @json')
    [ -z "$strange" ] || found "link or special file: $label$strange"
    named=$(cd "$inside" && find . \( -name '*[[:cntrl:]]*' -o -name '*\\*' \) "$@" -print0 |
        jq -Rrs 'split("\u0000")[] | select(. != "") | @json')
    [ -z "$named" ] || found "name: $label$named"
    closed=$({ cd "$inside" && find . -path ./.staging -prune -o -print >/dev/null; } 2>&1 | jq -Rr '@json')
    [ -z "$closed" ] || found "unreadable: $label$closed"
    [ -z "$strange$named$closed" ]
}

# empty FOLDER LABEL [TEST]...: reports folders with nothing in them, which no list can tell of.
empty() {
    inside=$1; label=$2; shift 2
    bare=$(cd "$inside" && find . -type d -empty ! -path . "$@" | jq -Rr '"extra: empty folder \(@json)"')
    [ -z "$bare" ] || found "$label$bare"
}

# A file beyond a gibibyte is read last, and only where it is as long as was sealed and all else
# holds: a hollow one of tebibytes costs whoever lays it nothing, and would be read for days.
large() { (cd "$1" && find . -type f -size +1073741824c); }
# is_long FOLDER FILE BYTES
is_long() { [ -n "$3" ] && [ -n "$(cd "$1" && find "$2" -prune -size "$3c" 2>/dev/null)" ]; }

# One program compares what lies there with what the lists say. Given the file names on standard
# input; prints findings, or, with $mode "lines", the manifest lines whose file is there: those of
# the large files with $mode "large".
compare='
def table: split("\n") | if .[-1] == "" then .[:-1] else . + ["cut off"] end;
def fine: test("^[0-9a-f]{64}  [^\\\\\\r]+$");
def set: reduce .[] as $name ({}; .[$name] = true);
(split("\n")[:-1] | map(.[2:])) as $there | ($there | set) as $here
| ($tag | table) as $tags | ($man | table) as $mans
| ($tags + $mans) as $all | ($all | map(select(fine))) as $good
| ($good | map(.[66:])) as $names | ($names | set) as $listed
| ($big | split("\n") | map(.[2:]) | set) as $large
| if $mode != "findings" then $good[]
    | select($here[.[66:]] and ($large[.[66:]] // false) == ($mode == "large"))
  else [limit(1000;
    (($all | length) - ($good | length) | select(. != 0) | "malformed: \(.) lines of the manifests"),
    (if ($names | length) != ($listed | length) then "malformed: a file is listed twice" else empty end),
    ($names[] | select(test("[\\p{C}%]")) | "name: \(@json)"),
    ($names | group_by(ascii_downcase)[] | select(length > 1 and .[0] != .[1])
        | "name: \(.[0] | @json) and \(.[1] | @json) differ in case alone"),
    ($tags[] | .[66:] | select(startswith("data/")) | "malformed: \(.) in the tag manifest"),
    ($mans[] | .[66:] | select(startswith("data/") | not) | "malformed: \(@json) in the manifest"),
    ($names[] | select($here[.] | not) | "missing: \(@json)"),
    ($there[] | select(. != "tagmanifest-sha256.txt" and . != "seal.dsse.json" and . != "seal.tsr")
        | select($listed[.] | not) | "extra: \(@json)"),
    ("bagit.txt", "bag-info.txt", "manifest-sha256.txt", "metadata/artifacts.json"
        | select(. as $n | ($tags | map(.[66:]) | index($n)) == null) | "missing: \(.) in the tag manifest"),
    ([$mans[] | {h: .[:64], n: .[66:]}] | sort) as $m
    | ([$art[0].artifacts[]? | {h: .sha256, n: "data/\(.path)"}] | sort) as $a
    | if $m != $a then "changed: metadata/artifacts.json and the manifest disagree" else empty end
  )] | if length == 1000 then . + ["and more"] else . end | .[]
  end'

# release FOLDER LABEL: every layer of one release, from the signature down to the bytes.
release() {
    start="$changed"
    odd "$1" "$2" || return 0
    for name in seal.dsse.json tagmanifest-sha256.txt manifest-sha256.txt metadata/artifacts.json; do
        is_file "$1/$name" || { found "missing: $2$name"; [ "$name" = seal.dsse.json ] || return 0; }
    done
    big=$(large "$1")
    records=$(printf '%s\n' "$big" | jq -Rr 'select(. != "" and (startswith("./data/") | not)) | @json')
    if [ -n "$records" ]; then
        found "malformed: $2 holds a record beyond 1 GiB: $records"
        return 0
    fi
    if is_file "$1/seal.dsse.json"; then
        seal_of "$1" "$2"
        stamp "$1/seal.tsr" "$1/seal.dsse.json" "${2}seal.tsr" stays
        [ -z "$tsa" ] || [ -f "$1/seal.tsr" ] || could_not "${2}seal.dsse.json: when: no time stamp lies beside it"
    fi
    for name in seal.dsse.json metadata/artifacts.json; do
        [ ! -f "$1/$name" ] || canonical "$1/$name" || found "malformed: $2$name is not canonical JSON"
    done
    before="$changed"
    empty "$1" "$2" ! -path ./data
    report=$(listed "$1" findings 2>&1) || found "malformed: ${2}the lists can't be read"
    [ -z "$report" ] || found "$2$report"
    report=$(listed "$1" lines 2>/dev/null | (cd "$1" && sha256sum -c --strict --quiet - 2>&1))
    [ -z "$report" ] || found "changed: $2$report"
    [ -z "$big" ] || large_files "$1" "$2"
    [ "$before" != "$changed" ] || proved "${2}every file is there, none beside them, all bytes match"
}

# listed FOLDER MODE: what the program above says of a release.
listed() {
    (cd "$1" && find . -type f | jq -Rrs --arg mode "$2" --arg big "$big" --rawfile tag \
        tagmanifest-sha256.txt --rawfile man manifest-sha256.txt --slurpfile art \
        metadata/artifacts.json "$compare")
}

# large_files FOLDER LABEL: those in $big.
large_files() {
    while IFS= read -r one; do
        sealed_as=$(jq -r --arg path "${one#./data/}" \
            '[.artifacts[] | select(.path == $path).size][0] | numbers' "$1/metadata/artifacts.json" 2>/dev/null)
        is_long "$1" "$one" "$sealed_as" || found "changed: ${2}${one#./} is not as long as was sealed"
    done <<LARGE
$big
LARGE
    if [ "$start" != "$changed" ]; then
        could_not "${2}files beyond 1 GiB: not read, for the release is not what was sealed"
        return 0
    fi
    report=$(listed "$1" large 2>/dev/null | (cd "$1" && sha256sum -c --strict --quiet - 2>&1))
    [ -z "$report" ] || found "changed: $2$report"
}

# seal_of FOLDER LABEL: the signature, and that it is over this tag manifest.
seal_of() {
    sealed=$((sealed + 1))
    sealer=none
    if id=$(signer "$1/seal.dsse.json" application/vnd.in-toto+json "$1/metadata/seal-key.pem"); then
        sealer=$id
        proved "${2}seal.dsse.json is signed by key $id"
    else
        found "signature: ${2}seal.dsse.json is not validly signed by a key that counts"
    fi
    wanted=$(payload "$1/seal.dsse.json" \
        '.subject[] | select(.name == "tagmanifest-sha256.txt") | .digest.sha256')
    if [ -n "$wanted" ] && [ "$wanted" = "$(digest_of "$1/tagmanifest-sha256.txt")" ]; then
        proved "${2}the signature is over tagmanifest-sha256.txt as it lies there"
    else
        found "changed: ${2}tagmanifest-sha256.txt is not the one that was signed"
    fi
}

# stamp FILE OF LABEL GROWS: the time stamp in FILE is of the bytes in OF; where those GROW, it may
# be of what they were.
stamp() {
    is_file "$1" && is_file "$2" || return 0
    # "<digest> <time in words> <seconds since 1970>". What stands before the last heading is not
    # signed, and may be somebody's imitation of what follows.
    said=$(openssl ts -reply -in "$1" -text 2>/dev/null | jq -Rrs 'split("\nTST info:\n") | last |
        ([scan("(?m)^    00[01]0 - ([0-9a-f -]{47})")[0]] | join("") | gsub("[^0-9a-f]"; "")) as $sum
        | (capture("(?m)^Time stamp: (?<day>\\w+ +\\d+ \\d\\d:\\d\\d:\\d\\d)[.\\d]* (?<year>\\d{4}) GMT$")
            | "\(.day) \(.year)" | strptime("%b %d %H:%M:%S %Y") | mktime) as $at
        | "\($sum) \($at | todate) \($at)"' 2>/dev/null)
    case $said in
        "$(digest_of "$2") "*) ;;
        *' '*)
            if [ "$4" = grows ]; then could_not "$3: it is of another checkpoint: the ledger has grown since"
            else found "changed: $3: it is not of this seal"; fi
            return 0 ;;
        *) found "malformed: $3: not a time stamp (RFC 3161)"; return 0 ;;
    esac
    said=${said#* }
    if [ -z "$tsa" ]; then
        could_not "$3: it was there on ${said% *}, by whom: no --tsa-root was given"
    elif openssl ts -verify -in "$1" -data "$2" -CAfile "$tsa" -attime "${said#* }" >/dev/null 2>&1; then
        proved "$3: it was there on ${said% *}, by the authority you trust"
    else
        found "signature: $3: not signed by the authority you trust"
    fi
}

# trust_file VAULT: whose word counts; sets `trusted` and leaves the log key in the scratch pem.
trust_file() {
    file="$1/trust/roles.json"
    is_file "$file" || { found 'missing: trust/roles.json'; return 1; }
    one_line "$file" || found 'malformed: trust/roles.json is not one line of canonical JSON'
    rotations "$file"
    signers=$(jq -r '.signatures[].keyid' <"$file" 2>/dev/null)
    good=''
    for id in $signers; do
        if [ -n "$given" ]; then
            key=$(given_key "$id") && signed_by "$file" "$key" "$trust_type" "$id" && good=$id
        else
            payload "$file" '.keys[$id].pem // empty' "$id" | save pem &&
                [ "$(key_id "$scratch.pem")" = "$id" ] &&
                signed_by "$file" "$scratch.pem" "$trust_type" "$id" && good=$id
        fi
    done
    [ -n "$good" ] || { found 'signature: trust/roles.json is not validly signed'; return 1; }
    proved "trust/roles.json is signed by key $good"
    trusted=$(payload "$file" '[.keys | to_entries[] | select(.value.roles | index("golive:seal")) | .key] | join(" ")')
    retired=$(payload "$file" '.keys | to_entries[] | select(.value.until != "") | "\(.key)=\(.value.until)"')
}

# rotations FILE: each key that a key from --key leads to counts as given too, oldest first.
rotations() {
    count=$(payload "$1" '.rotations // [] | length')
    case $count in *[!0-9]*) return 0 ;; esac
    turn=0
    while [ "$turn" -lt "${count:-0}" ] && [ "$turn" -lt 1000 ]; do
        payload "$1" ".rotations[$turn] | tojson" | save "turn$turn" || return 0
        step="$scratch.turn$turn"
        old=$(jq -r '.signatures[0].keyid' <"$step" 2>/dev/null)
        if key=$(given_key "$old") && signed_by "$step" "$key" "$rotation_type" "$old" &&
            payload "$step" .new | save "key$turn" && id=$(key_id "$scratch.key$turn"); then
            given="$given$id $scratch.key$turn$newline"
        fi
        turn=$((turn + 1))
    done
}
rotation_type=application/vnd.golive.rotation+json
trust_type=application/vnd.golive.trust+json
checkpoint_type=application/vnd.golive.checkpoint+json

# log_signed VAULT NAME: whether ledger/NAME is signed by a log key.
log_signed() {
    { is_file "$1/ledger/$2" && one_line "$1/ledger/$2"; } || return 1
    ok=1
    for id in $(jq -r '.signatures[].keyid' <"$1/ledger/$2" 2>/dev/null); do
        payload "$1/trust/roles.json" \
            '.keys[$id] | select((.roles | index("golive:log")) and .until == "") | .pem' "$id" | save pem &&
            [ "$(key_id "$scratch.pem")" = "$id" ] &&
            signed_by "$1/ledger/$2" "$scratch.pem" "$checkpoint_type" "$id" && ok=0
    done
    return $ok
}

# checkpoint VAULT NAME: whether it is, and covers the ledger's bytes.
checkpoint() {
    log_signed "$1" "$2" &&
        [ "$(payload "$1/ledger/$2" .sha256)" = "$(digest_of "$1/ledger/ledger.jsonl")" ]
}

ledger() {
    is_file "$1/ledger/ledger.jsonl" || { found 'missing: ledger/ledger.jsonl'; return; }
    if checkpoint "$1" checkpoint; then name=checkpoint
    elif checkpoint "$1" checkpoint.next; then name=checkpoint.next
    else found 'ledger: ledger/ledger.jsonl is not what a signed checkpoint covers'; return; fi
    for other in checkpoint checkpoint.next; do
        [ "$other" = "$name" ] || [ ! -e "$1/ledger/$other" ] || log_signed "$1" "$other" ||
            found "signature: ledger/$other is not validly signed by a log key"
    done
    proved "ledger/$name is signed by a log key, and over these bytes of the ledger"
    stamp "$1/ledger/checkpoint.tsr" "$1/ledger/checkpoint" ledger/checkpoint.tsr grows
    approvals "$1" "$name"
    noted=$(jq -r 'select(.env.payloadType == "application/vnd.golive.sealed+json")
        | .env.payload | @base64d | fromjson | "\(.rehearsal)/\(.seal)=\(.digest)"' \
        <"$1/ledger/ledger.jsonl" 2>/dev/null) || found 'malformed: ledger/ledger.jsonl'
    for one in $noted; do
        if [ "$(digest_of "$1/releases/${one%%=*}/seal.dsse.json")" != "${one#*=}" ]; then
            found "missing or changed: releases/${one%%=*}: the ledger notes seal ${one#*=}"
        fi
    done
}

approvals() {
    signed=$(payload "$1/ledger/$2" '.approvals | to_entries[] | "\(.value)  approvals/\(.key)"')
    there=$([ ! -d "$1/approvals" ] || { cd "$1" && find approvals -type f |
        jq -Rrs 'split("\n")[:-1] | sort | .[]'; })
    listed=$(printf '%s' "$signed" | jq -Rrs 'split("\n") | map(.[66:] | select(. != "")) | sort | .[]')
    [ "$there" = "$listed" ] || found 'missing or extra: approvals/ is not what the checkpoint lists'
    [ -n "$signed" ] || return 0
    report=$(cd "$1" && printf '%s\n' "$signed" | sha256sum -c --strict --quiet - 2>&1)
    [ -z "$report" ] || found "changed: $report"
    [ -n "$report" ] || proved 'approvals/ holds the bytes that the checkpoint signed'
}

# sealed_size VAULT DIGEST: how long the releases say that it is; nothing where they don't know it.
sealed_size() {
    (cd "$1" && find releases -mindepth 4 -maxdepth 4 -path '*/metadata/artifacts.json' -type f -exec \
        jq -rn --arg sha "$2" '[inputs.artifacts[]? | select(.sha256 == $sha).size | numbers] | min // empty' \
        {} + 2>/dev/null)
}

objects() {
    [ -d "$1/objects" ] || return 0
    report=$(cd "$1" && find objects -type f ! -path 'objects/incoming/*' | jq -Rrs '
        split("\n")[:-1][] | select(test("^objects/sha256/[0-9a-f]{2}/[0-9a-f]{62}$") | not)
        | "extra: \(@json)"')
    [ -z "$report" ] || found "$report"
    skip=''
    for one in $(large "$1/objects" | jq -Rr 'select(test("^./sha256/[0-9a-f]{2}/[0-9a-f]{62}$"))'); do
        name=${one#./sha256/}
        sealed_as=$(sealed_size "$1" "${name%%/*}${name#*/}")
        if [ -z "$sealed_as" ]; then
            could_not "objects/${one#./}: not read: beyond 1 GiB, and no release lists it"
        elif ! is_long "$1/objects" "$one" "$sealed_as"; then
            found "changed: objects/${one#./} is not as long as was sealed"
        elif [ -z "$changed" ]; then
            continue
        else
            could_not "objects/${one#./}: not read: beyond 1 GiB, in a vault that was changed"
        fi
        skip="$skip objects/${one#./}"
    done
    report=$(cd "$1" && find objects -type f | jq -Rrs --arg skip "$skip" '
        ($skip | split(" ")) as $skip | split("\n")[:-1][]
        | select(test("^objects/sha256/[0-9a-f]{2}/[0-9a-f]{62}$") and (IN($skip[]) | not))
        | "\(.[15:17])\(.[18:])  \(.)"' | sha256sum -c --strict --quiet - 2>&1)
    case $report in
        '' | *'no properly formatted'*) proved 'every object has the bytes that its name says' ;;
        *) found "changed: $report" ;;
    esac
}

# not_retired VAULT SEAL: a retired key's seal lies before its end, and the ledger notes it.
not_retired() {
    case "$newline$retired" in *"$newline$sealer="*) ;; *) return 0 ;; esac
    rest=${retired#*"$sealer="}
    until=${rest%%"$newline"*}
    at=$(payload "$1/$2/seal.dsse.json" .predicate.sealedAt)
    case "$newline$noted$newline" in
        *"$newline${2#releases/}=$(digest_of "$1/$2/seal.dsse.json")$newline"*) ;;
        *) at='~' ;;
    esac
    [ "$(printf '%s\n%s\n' "$at" "$until" | jq -Rrs 'split("\n") | .[0] <= .[1]')" = true ] ||
        found "signature: $2: sealed with key $sealer, which was retired on $until"
}

# is_noted VAULT SEAL: remembers who sealed it, and whether the ledger notes it.
is_noted() {
    case "$newline$noted$newline" in
        *"$newline${2#releases/}="*) seals="$seals$sealer noted $2$newline" ;;
        *) seals="$seals$sealer missed $2$newline" ;;
    esac
}

# all_noted: a key notes first what it missed, so only its last seal can lack an entry in the ledger.
all_noted() {
    report=$(printf '%s' "$seals" | jq -Rrs '[split("\n")[] | select(. != "") | split(" ")
            | {key: .[0], noted: (.[1] == "noted"), path: .[2]}
            | . + {of: (.path | split("/")[1]), number: (.path | split("/")[2] | tonumber)}] as $all
        | $all[] | select(.noted | not) | . as $one
        | ([$all[] | select(.key == $one.key and (.noted | not))] | length) as $missed
        | ([$all[] | select(.key == $one.key and .noted and .of == $one.of and .number > $one.number)]
            | length) as $since
        | if $missed > 1 or $since > 0
          then "ledger: \(.path): the ledger does not note it, though its keeper sealed again since"
          else "\(.path): sealed, but the ledger does not note it (interrupted just after sealing)" end')
    case $newline$report in
        "$newline") ;;
        *"$newline"ledger:*) found "$report" ;;
        *) could_not "$report" ;;
    esac
}

vault() {
    odd "$1" '' ! -path './.staging/*' || return 0
    locks=$(cd "$1" && find . \( -path ./.lock -o -path ./ledger/.lock \) \( ! -type f -o -size +0 \) |
        jq -Rr '"extra: \(@json): a lock is an empty file"')
    [ -z "$locks" ] || found "$locks"
    strays=$(cd "$1" && find . -type f ! -path './objects/*' ! -path './ledger/ledger.jsonl' \
        ! -path ./ledger/checkpoint ! -path ./ledger/checkpoint.next ! -path ./ledger/checkpoint.tsr \
        ! -path ./ledger/.checkpoint.tmp ! -path ./ledger/.checkpoint.next.tmp \
        ! -path ./ledger/.lock ! -path ./.lock ! -path './trust/.roles.json.tmp' \
        ! -path './trust/roles.json' ! -path './approvals/*' ! -path './releases/*/*/*' \
        ! -path './.staging/*' | jq -Rrs 'split("\n")[:-1][] | "extra: \(@json)"')
    [ -z "$strays" ] || found "$strays"
    # What a kill may leave: a room that was opened and not filled. Releases are looked into below.
    empty "$1" '' ! -path './releases*' ! -path ./ledger ! -path ./trust ! -path ./approvals \
        ! -path ./objects ! -path './objects/incoming' ! -path ./objects/sha256 \
        ! -path './objects/sha256/[0-9a-f][0-9a-f]' ! -path './.staging' ! -path './.staging/*'
    for room in .staging objects/incoming; do
        [ ! -d "$1/$room" ] || [ -z "$(cd "$1" && find "$room" ! -path "$room" 2>&1)" ] ||
            could_not "$room/: left by something cut short; no claim rests on it"
    done
    [ -d "$1/releases" ] || [ -d "$1/ledger" ] || return 0
    for room in ledger trust approvals; do
        [ ! -d "$1/$room" ] || [ -z "$(large "$1/$room")" ] || {
            found "malformed: $room/ holds a record beyond 1 GiB"
            return 0
        }
    done
    trust_file "$1"
    ledger "$1"
    for seal in $(cd "$1" && find releases -mindepth 2 -maxdepth 2 -type d 2>/dev/null |
        jq -Rr 'if test("^releases/[a-z0-9][a-z0-9.-]*/[0-9]+$") then . else "?" end'); do
        if [ "$seal" = '?' ]; then
            found 'extra: a folder in releases/ that no sealing made'
        elif [ -e "$1/$seal/seal.dsse.json" ]; then
            release "$1/$seal" "$seal/"
            not_retired "$1" "$seal"
            is_noted "$1" "$seal"
            place=$(payload "$1/$seal/seal.dsse.json" '.predicate | "releases/\(.rehearsal)/\(.seal)"')
            [ "$place" = "$seal" ] || found "renamed: $seal was sealed as $place"
        else
            case "$newline$noted$newline" in
                *"$newline${seal#releases/}="*) release "$1/$seal" "$seal/" ;;
                *) could_not "$seal: incomplete, never sealed" ;;
            esac
        fi
    done
    all_noted
    objects "$1"
}

noted=''
folder=''
while [ $# -gt 0 ]; do
    case $1 in
        --key)
            [ $# -gt 1 ] || stop '--key needs a file'
            id=$(key_id "$2") || stop "$2 holds no Ed25519 public key"
            given="$given$id $2$newline"
            shift 2 ;;
        --tsa-root)
            [ $# -gt 1 ] && [ -f "$2" ] || stop '--tsa-root needs a file of certificates'
            tsa=$2
            shift 2 ;;
        -*) printf 'usage: sh verify.sh [--key PUBLIC_KEY.pem]... [--tsa-root CERTIFICATES.pem] [FOLDER]\n' >&2; exit 2 ;;
        *) folder=$1; shift ;;
    esac
done
if [ -z "$folder" ]; then
    case $0 in */*) folder=${0%/*} ;; *) folder=. ;; esac
fi
case $folder in /*) ;; *) folder="./$folder" ;; esac
[ -d "$folder" ] || stop "$folder is not a folder"

if [ -d "$folder/releases" ] || [ -d "$folder/ledger" ] || [ -d "$folder/objects" ]; then
    vault "$folder"
else
    for name in bagit.txt manifest-sha256.txt tagmanifest-sha256.txt seal.dsse.json metadata; do
        [ ! -e "$folder/$name" ] || { release "$folder" ''; alone=1; break; }
    done
    [ -n "${alone:-}" ] || stop "no file of a vault or a release is in $folder"
    could_not 'ledger and trust file: only a release was given, not its vault'
fi
[ -n "$given" ] || could_not 'who sealed it: no trusted key was given'
[ $sealed -gt 0 ] || [ -n "$changed" ] || stop 'nothing has been sealed in it'

# told TEXT: as it is, but for what a terminal would obey.
told() { printf '%s' "$1" | jq -Rrsj 'gsub("[^\n\\P{C}]"; "?")'; }
if [ -n "$changed" ]; then printf 'changed\n' && told "$changed"; else printf 'intact\n'; fi
[ -z "$checked" ] || { printf 'checked:\n' && told "$checked"; }
[ -z "$unchecked" ] || { printf 'not checked:\n' && told "$unchecked"; }
[ -z "$changed" ]
