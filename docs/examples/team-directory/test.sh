#!/bin/sh
# Applies teams to a directory of its own (directory.py), through the front door: created, settled, changed, refused by
# the service, resumed, dropped. Needs python3, and 'swift build' here.
set -eu
snowmaker=${SNOWMAKER:-snowmaker}
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'kill $directory 2>/dev/null || true; rm -rf "$work"' EXIT
python3 "$here/directory.py" >"$work/port" &
directory=$!
while [ ! -s "$work/port" ]; do sleep 0.1; done
port=$(cat "$work/port")
export HOME="$work"
mkdir "$work/project" "$work/plugins"
ln -s "${PLUGINS:-$here/.build/debug}/libsnowmaker-team-directory.so" "$work/plugins/"
network=
run() { "$snowmaker" "$@" "$work/project" --connection emulator --plugin-dir "$work/plugins" --no-color $network; }
fail() { echo "team-directory: $1" >&2; exit 1; }
printf 'providers:\n  team-directory: {port: %s}\n' "$port" >"$work/project/snowmaker.yaml"

# A plugin from elsewhere runs in a child without a network until the command line grants it.
printf 'directory_teams: [{name: data, description: Numbers, members: [b@x, a@x]}]\n' >"$work/project/teams.yml"
run plan >"$work/out" 2>&1 && fail "the network was not granted, and the plan went on"
network="--allow-network team-directory"
run plan | grep -q 'PUT /teams/DATA' || fail "the plan does not show the request"
run apply --yes >/dev/null
run plan --detailed-exitcode >/dev/null || fail "the plan is not empty after the apply"

printf 'directory_teams: [{name: data, description: Figures}]\n' >"$work/project/teams.yml"
python3 -c "import urllib.request as u; u.urlopen(u.Request('http://127.0.0.1:$port/fail', method='POST'))"
run apply --yes >"$work/out" 2>&1 && fail "the directory refused, and the apply succeeded"
grep -q 'the directory says 503' "$work/out" || fail "the refusal is not said: $(cat "$work/out")"
run apply --yes >/dev/null
run plan --detailed-exitcode >/dev/null || fail "the plan is not empty after the second apply"

printf 'directory_teams: []\n' >"$work/project/teams.yml"
run apply --yes --allow-drop >/dev/null
python3 -c "
import json, urllib.request as u
teams = json.load(u.urlopen('http://127.0.0.1:$port/teams'))
assert teams == [], teams"
echo "team-directory: ok"
