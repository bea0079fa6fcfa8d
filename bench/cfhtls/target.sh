# The real cutouts as a target, for run.sh and painted.sh beside this, which source it: makes `target` in the current folder.
# Needs $arclet, how Arclet is called, and $data, the folder of candidates.npy, ordinary.npy, field.npy and table.csv.

# Graded candidates are the test: 2 and up a lens, 0.7 and down a look-alike. Graded ordinary objects are beside them, since
# they share places on the sky, without a class. All others are the target, sealed ones too, and no grade of them is known.
if [ ! -e truth.csv ]; then
  tr -d '\r' <"$data/table.csv" | awk -F, -v OFS=, '
    NR == 1 { print $0, "class"; next }
    { class = "" }
    $1 ~ /^cand/ && $5 == "dev" && $6 >= 2 { class = "lens" }
    $1 ~ /^cand/ && $5 == "dev" && $6 <= 0.7 { class = "not-lens" }
    { print $0, class }' >truth.csv
fi
imported() {
  $arclet import "$data"/{candidates,ordinary,field}.npy --table "$1" --out "$2" --bands i,r,g --pixel-scale 0.1875 --size 48 \
    --survey cfhtls --splits dev=test,sealed=train,unlabelled=train --label-column class --classes not-lens,lens
}
# Field images that are nearly those of graded objects are left out.
if [ ! -e table.csv ]; then
  [ -e everything ] || imported truth.csv everything
  $arclet check everything >leaks.txt || true
  grep 'nearly the same' leaks.txt | grep -oE 'field-[0-9]+' | sort -u >alike.txt || true
  grep -vwFf alike.txt truth.csv >table.csv
fi
[ -e target ] || imported table.csv target
