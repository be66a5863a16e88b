#!/bin/sh
# A program as an agent: says in the witness file what it is given and that it works, then answers or fails.
# Arguments: the witness file, how many attempts fail, seconds of work. Built-ins only, one write for each line.
witness=$1 fails=$2 seconds=$3
read -r input
# An engine that died before it could say what to do.
[ -n "$input" ] || exit 1
mark=${TUTTI_ATTEMPT%@*}
numbers=${mark##*#}
attempt=${numbers%.*}
step=${mark%#*}
read -r once </proc/sys/kernel/random/uuid
about="\"key\":\"$TUTTI_IDEMPOTENCY_KEY\",\"run\":\"${step%%/*}\",\"path\":\"${step#*/}\",\"attempt\":$attempt,\"epoch\":${numbers#*.},\"once\":\"$once\",\"by\":\"program\""
printf '%s\n' "{\"what\":\"start\",$about,\"pid\":$$,\"needs\":$input}" >>"$witness"
sleep "$seconds"
printf '%s\n' "{\"what\":\"end\",$about}" >>"$witness"
[ "$attempt" -le "$fails" ] && exit 1
printf '%s' "{\"once\":\"$once\"}"
