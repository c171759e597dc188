if command -v git-yoi >/dev/null 2>&1; then git-yoi hook @event@ "$@" >&2 || :; fi
