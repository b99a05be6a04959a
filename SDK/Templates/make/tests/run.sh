#!/bin/sh
# Plans each tests/NAME.yml on an account emulator, compares the SQL with tests/NAME.sql, and applies it. The files are
# stages of one life, in the order of their names. WRITE=1 writes the .sql files instead. Run in the folder of the plugin.
set -eu
snowmaker=${SNOWMAKER:-snowmaker}
here=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export HOME="$work"
mkdir "$work/project"
for stage in "$here"/tests/*.yml; do
  name=$(basename "$stage" .yml)
  cp "$stage" "$work/project/life.yml"
  "$snowmaker" plan "$work/project" --connection emulator --plugin-dir "$here" --allow-drop --format sql \
    | grep -v -e '^--' -e '^USE ' -e '^$' >"$work/$name.sql" || true
  if [ "${WRITE:-}" = 1 ]; then cp "$work/$name.sql" "$here/tests/$name.sql"; fi
  diff -u "$here/tests/$name.sql" "$work/$name.sql"
  "$snowmaker" apply "$work/project" --connection emulator --plugin-dir "$here" --allow-drop --yes --quiet >/dev/null
  echo "ok $name"
done
