#!/bin/sh
# The main job of git-yoi, on a repository made for the purpose in a temporary folder: tickets are
# created, commits on a ticket's branch link themselves and start it, the merge makes it done, and the
# thread is read as Markdown from the ref itself.
set -eu

PATH="${CARGO_HOME:-$HOME/.cargo}/bin:$PATH"
export PATH
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

# Shows a command as one would type it, then runs it.
run() {
    printf '\n$'
    for word; do
        case $word in
        *[!A-Za-z0-9_./:=%@-]*) printf " '%s'" "$word" ;;
        *) printf ' %s' "$word" ;;
        esac
    done
    printf '\n'
    "$@"
}

git init -q -b main demo
cd demo
git config user.name "Demo User"
git config user.email "demo@example.org"
git config commit.gpgSign false

run git yoi init
git commit -q --allow-empty -m "start"
run git yoi create "Parse dates with a time zone" --label parser -m "Dates such as 2026-11-22T10:00+09:00 are refused."
run git yoi create "Release 1.2" --priority P1
dates=$(git yoi list dates --porcelain | cut -f1)
release=$(git yoi list release --porcelain | cut -f1)
run git yoi relate "$release" depends-on "$dates" --note "The release notes promise it."

run git yoi state "$dates" ready -m "Clear: accept every RFC 3339 offset."
run git yoi queue "$dates"
run git switch -q -c "work/$dates-dates"
echo "parse everything" > parser.txt
run git add parser.txt
run git commit -q -m "parser: accept offsets"
run git log -1 --format=%B
echo "test everything" > test.txt
run git add test.txt
run git commit -q -m "parser: test the offsets at both ends"
run git yoi comment @ --as implementation_report -m "Offsets are accepted; the tests cover +14:00 and -12:00."
run git yoi review @ --approve -m "Reads well."
run git switch -q main
run git merge -q --no-ff --no-edit "work/$dates-dates"
run git yoi list
run git yoi commits "$dates"
run git yoi log -3

tail=$(printf %s "$dates" | sed 's/.*\(.\)\(.\)$/\1\/\2/')
run git show "refs/yoi/tickets:tickets/$tail/$dates.thread.md"
run git log --format='%h %an: %s' refs/yoi/tickets
run git status --short
printf '\nThe tickets were on refs/yoi/tickets all the time; the work tree has only parser.txt and test.txt.\n'
