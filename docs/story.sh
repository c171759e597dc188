#!/bin/sh
# The way of a ticket from intake to closed, on a repository made for the purpose: split into three, queued,
# blocked by one of the others, routed again when that is done, started in a worktree, reported, sent back by
# review, fixed, approved, merged, done by that merge, closed. At the end its thread, as git has it.
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

git init -q -b main shop
cd shop
git config user.name "Demo User"
git config user.email "demo@example.org"
git config commit.gpgSign false
git commit -q --allow-empty -m "start"
git yoi init > /dev/null

# Intake: one wish becomes three tickets.
core=$(git yoi create "Price core" --porcelain --actor intake -m "Prices as whole cents, with their currency.")
store=$(git yoi create "Price store" --porcelain --actor intake -m "Prices are kept in files, one a day.")
list=$(git yoi create "Price list in the shop window" --porcelain --actor intake \
    -m "The window shows prices by way of the core. Nothing is read from files yet.")
run git yoi comment "$list" --as decision --actor intake -m "Split: the core first, then the store and the list beside each other."
run git yoi relate "$list" depends-on "$core" --note "Needs its types."
run git yoi relate "$store" depends-on "$core" --note "Needs its types."
run git yoi state "$core" ready --actor intake -m "Clear."
run git yoi state "$list" ready --actor intake -m "Clear: the list shows what the core knows, and says so when it knows nothing."

# A person queues; the list may be queued because the core is.
run git yoi queue "$core"
run git yoi queue "$list"

# The orchestrator: the core is under way, so the list waits.
run git yoi start "$core" --slug price-core --worktree --actor coder-one
run git yoi route "$list" blocked_by_dependency_or_missing_authority --actor orchestrator \
    --reason "The core is in progress and not reviewed." --evidence "relations, plan and branches" \
    --next "Route again when the core is done." --on "$core"
git -C ".worktree/$core-price-core" commit -q --allow-empty -m "core: whole cents"
run git yoi report "$core" --actor coder-one -m "Cents and currencies." --validation "make test=pass"
run git yoi review "$core" --actor reviewer-one --approve -m "Sound."
run git merge -q --no-ff --no-edit "work/$core-price-core"
run git yoi list

# It is done, so the list is routed again, with the contract for those who work on it.
cat > ../packet <<'PACKET'
Intent:
Show prices in the window by way of the core.

Binding decisions / invariants:
- Nothing is read from files here.

Requirements / acceptance criteria:
- A price that is not known is shown as such.

Implementation latitude:
The layout is free.

Escalate if:
- The core lacks a currency.

Validation:
- make test
PACKET
run git yoi route "$list" implementation_ready --actor orchestrator \
    --reason "The core is done." --evidence "the core's thread and its merge" --packet ../packet
run git yoi start "$list" --worktree --slug price-list --actor orchestrator -m "Accepted: the core is done."

# Work, in its own folder.
top=$PWD
cd ".worktree/$list-price-list"
echo "price" > window.txt
run git add window.txt
run git commit -q -m "window: show prices"
run git yoi report @ --actor coder-two -m "The window shows prices." --validation "make test=pass"
run git yoi review @ --actor reviewer-two --request-changes -m "A price that is not known shows as 0."
echo "price or none" > window.txt
run git commit -q -a -m "window: say when a price is not known"
run git yoi report @ --actor coder-two -m "It says so now." --validation "make test=pass"
run git yoi review @ --actor reviewer-two --approve -m "Good."
run git yoi show @ --evidence
cd "$top"
run git merge -q --no-ff --no-edit "work/$list-price-list"
run git yoi done "$list" --clean
run git yoi show "$list" --evidence
run git yoi report "$list" --actor orchestrator -m "Branch and worktree are removed." --commit HEAD
run git yoi close "$list" --as done -m "The window shows prices; files come with the store."

tail=$(printf %s "$list" | sed 's/.*\(.\)\(.\)$/\1\/\2/')
run git show "refs/yoi/tickets:tickets/$tail/$list.thread.md"
run git show "refs/yoi/tickets:tickets/$tail/$list/orchestration-plan.jsonl"
