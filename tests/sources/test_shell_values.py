"""Shell texts: what each command is given, what variables hold after it, and the lines that it writes into files."""

from __future__ import annotations

from directus_guard.sources.formats import shell_output, traced
from directus_guard.sources.formats.shell_commands import commands, words
from directus_guard.sources.formats.traced import Piece, Traced
from tests.support.each import each_case
from tests.support.shown_values import written

REASONS = {
    "it is worked out when the script runs": "made",
    "it is an argument of the script": "argument",
    "its quotes are not closed": "open",
}


def shown(text: Traced) -> str:
    """A text with `<why|fallback>` for a part that is not known; `<*…>` may be several words."""
    return "".join(map(_piece, text.pieces))


def _piece(piece: Piece) -> str:
    if not piece.unknown:
        return piece.text
    why = piece.variable or REASONS.get(piece.unknown, piece.unknown)
    return f"<{'*' * piece.spread}{why}{'' if piece.fallback is None else '|' + piece.fallback}>"


def row(text: Traced) -> str:
    """The same, with quotes where there is a space in it, or nothing."""
    made = shown(text)
    return made if made and " " not in made and made.strip() == made else repr(made)


def described(script: str) -> list[str]:
    """The commands, each with what is assigned before it, what it reads (`<`), writes (`>`), and whose output it gets (`|`)."""
    return [
        " ".join(
            [
                *(f"{name}={row(value)}" for name, value in command.before),
                *map(row, command.words),
                *(f"< {row(text)}" for text in command.inputs),
                *(f"> {row(text)}" for text in command.outputs),
                *([f"| {command.source.words[0].text}"] if command.source is not None else []),
            ]
        )
        for command in commands(traced.whole("run.sh", script))
    ]


@each_case(
    ("script", "expected"),
    [
        ('a \'b c\' "d e" f\\ g \'\'', ["a 'b c' 'd e' 'f g' ''"]),
        ('a "$X" $X ${X} "${X}" ${X:-y} "${X-y}" ${X:=z} ${X=z} ${X:?no} ${X?no} ${X:+w} ${X%y} ${X[@]} "${X[*]}" ${#X} ${!X}', ["a <X> <*X> <*X> <X> <*X|y> <X|y> <*X|z> <*X|z> <*X> <*X> <*made> <*made> <*X> <*X> <*made> <*made>"]),
        ('a $(b) `c` $((1 + 2)) "$(d)" $1 $@ $? $! $- $# $* $$ $0 "$1" $ $, "$" "`"', ["a <*made> <*made> <made> <made> <*argument> <*argument> <*argument> <*argument> <*argument> <*argument> <*argument> <*argument> <*argument> <argument> $ $, $ <*open>", "b", "c", "d"]),
        ('a ${X:-\'y z\'} ${X:-"y"} ${X:-$Y} ${X:-`y`} ${X:-y\\z} ${X:-\'y} "${X:-}" ${X:-a b}', ["a '<*X|y z>' <*X|y> <*X> <*X> <*X> <*X> <X|> '<*X|a b>'"]),
        ("a 'b", ["a <*open>"]),
        ('a "b', ["a <*open>"]),
        ("a 'b\nc d", ["a <*open>", "c d"]),
        ("a $(b", ["a <*made>b"]),
        ("a ${b", ["a <*made>b"]),
        ("a `b", ["a `b"]),
        ("a $((b", ["a <*made>", "b"]),
        ('a $\'b\\tc\\n\\\'\\"\\\\\\a\\b\\e\\f\\v\\r\\q\' $\'d\' $"e" "$\'f\'" $\'g', ['a b\tc\n\'"\\\x07\x08\x1b\x0c\x0b\r\\q d e $\'f\' $<*open>']),
        ('a "\\$b \\"c\\" \\`d\\` \\\\ \\n \\\n e"', ['a \'$b "c" `d` \\\\ \\\\n  e\'']),
        ("a b\\\nc \\\n d\\\r\n e", ["a bc d e"]),
        ("a # b\n# c\nd #", ["a", "d"]),
        ("a b#c 'd #e'", ["a b#c 'd #e'"]),
        ("$X\\\ny $X\\\n", ["<*made>y <*X>"]),
        ("a $X\\\ny", ["a <*made>y"]),
        ("a; b & c && d || e | f |& g", ["a", "b", "c", "d", "e", "f | e", "g | f"]),
        ("a 2>&1 >b 1>c 2>d &>e >>f >|g <h 3>i b4>j &>>k > 'l m' >&2 <>n", ["a b4 > b > c > e > f > g > j > k > 'l m'"]),
        ("a <<<b <<< 'c d' >e", ["a < b < 'c d' > e"]),
        ('a >$X >"${Y:-z}"', ["a > <X> > <Y|z>"]),
        ("{ a; b; } >c\n{ d; } | e\n( f; g ) > h", ["a > c", "b > c", "d", "e", "f > h", "g > h"]),
        ("if a; then b; elif c; then d; else e; fi >f", ["a > f", "b > f", "c > f", "d > f", "e > f"]),
        ("while a; do b; done <c", ["a", "b"]),
        ("until a; do b; done", ["a", "b"]),
        ("for X in 1 2; do a $X; done", ["for X in 1 2", "a <*X>"]),
        ("case $X in a) b;; c|d) e ;; *) f; esac", ["case <*X> in a", "b", "c", "d | c", "e", "*", "f"]),
        ("select X in a; do b; done", ["select X in a", "b"]),
        ("! a", ["a"]),
        ("'if' a; \"then\" b; \\{ c; i\"f\" d; $if e", ["if a", "then b", "{ c", "if d", "<*if> e"]),
        ("a() { b; }; c () { d; }\nfunction e { f; }\nfunction g() { h; }", ["b", "d", "f", "h"]),
        ("a () (\n b\n)", ["b"]),
        ("X=1 Y='2 3' a; Z=4", ["X=1 Y='2 3' a"]),
        ("X=1\nX+=2 a", ["X=2 a"]),
        ('X=(1 \'2 3\' $Y)\na ${X[@]} "${X[@]}" "${X[*]}" "$X" ${X[0]}', ["a 1 2 3 <*Y> 1 '2 3' <Y> 1 '2 3' <Y> 1 <*made>"]),
        ("X[1]=2 a $X", ["a <*X>"]),
        ("export X=1 Y; a", ["export Y", "a"]),
        ('a <<E\nb $X \\$c "d"\nE\nf', ['a < \'b <X> $c "d"\\n\'', "f"]),
        ('a <<\'E\' <<"F"\nb $X\nE\nc $Y\nF\nd', [r"a < 'b $X\n' < 'c $Y\n'", "d"]),
        ("a <<\\E\n$X\nE", [r"a < '<X>\n'"]),
        ("a <<E", ["a"]),
        ("a <<E b\nc\n E \nd", [r"a b < 'c\n'", "d"]),
        ("a << E\r\nb\r\nE\r\nc", [r"a < 'b\r\n'", "c"]),
        ("cat <<E | b\nc\nE\n", [r"cat < 'c\n'", "b | cat"]),
        ("echo a | b | c", ["echo a", "b | echo", "c | b"]),
        ("a | (b)", ["a", "b | a"]),
        ("a && b | c || d", ["a", "b", "c | b", "d"]),
        ("a $(b | c) | d", ["a <*made>", "b", "c | b", "d | a"]),
        ("$(a <<E\nb\nE\n) c", ["<*made> c", r"a < 'b\n'"]),
        ("a <(b c) >(d)", ["a", "b c", "d"]),
        ("sh -c 'a b; c' ; bash x", ["sh -c 'a b; c'", "bash x", "a b", "c"]),
        ('ssh h "a $X" \'c d\' e', ["ssh h 'a <X>' 'c d' e", "a <X>", "c d"]),
        ('eval "a b"', ["eval 'a b'", "a b"]),
        ("su -c 'a b' u", ["su -c 'a b' u", "a b"]),
        ("bash <<E\na b\nE", [r"bash < 'a b\n'", "a b"]),
        ('sudo bash -c \'a "b c"\'', ['sudo bash -c \'a "b c"\'', "a 'b c'"]),
        ("watch 'a b'", ["watch 'a b'", "a b"]),
        ("(a)b c", ["a", "b c"]),
        ('E=; L=($E); a $L "$L" b', ["a '' b"]),
        ("a () (X=1; b); c $X", ["b", "c <*X>"]),
        ("a ~ b~c\n~ d", ["a ~ b~c", "~ d"]),
        ("a (~e)", ["a", "~e"]),
        ("(a)|b", ["a", "b"]),
        ("a ( ) { b; }", ["b"]),
        (">f2", []),
        ("a <<;b", ["a", "b"]),
        ("a <<E\n\tE\nE~\nE", ["a < '\\tE\\nE~\\n'"]),
        ("X=1 <<E\nb\nE", []),
        ('a b\'c\'d"e"f', ["a bcdef"]),
        ("a b'c", ["a b<*open>"]),
        ('a $~ "~$~" ~$X', ["a $~ ~$~ ~<*X>"]),
        ('"then\\\n" a', ["then a"]),
        ('a "\\$$X"', ["a $<X>"]),
        ("a ${}b", ["a <*made>b"]),
        ("X=(1 # c\n 2 \\\n 3 <4 ; 5 \\\r\n6)\na ${X[@]}", ["a 1 2 3 4 5 6"]),
        ("X=(1\na $X", []),
        ("a $(b $(c $(d $(e $(f)))))", ["a <*made>", "b <*made>", "c <*made>", "d <*made>", "e <*made>"]),
        ('sh -c \'sh -c "sh -c \\"sh -c \\\\\\"sh -c x\\\\\\"\\""\'', ['sh -c \'sh -c "sh -c \\\\"sh -c \\\\\\\\\\\\"sh -c x\\\\\\\\\\\\"\\\\""\'', 'sh -c \'sh -c "sh -c \\\\"sh -c x\\\\""\'', 'sh -c \'sh -c "sh -c x"\'', "sh -c 'sh -c x'", "sh -c x"]),
        ("X=1; f() { Y=$X; a $Y; }", ["a 1"]),
        ("X=1; f() { X=2; a $X; }", ["a 2"]),
        ("X=1; source $X", ["source 1"]),
        ("f() { X=1; }; g() { a $X; }", ["a <*X>"]),
        ("source f; g() { a $X; }; X=1", ["source f", "a <*X>"]),
        ('X=$Y; a ${X:-d} "${X:-d}" ${X-d}', ["a <*Y|d> <Y|d> <*Y|d>"]),
        ("X=1; f() { a $X; }", ["a 1"]),
        ("f() { a $X; }; X=1; X=1", ["a 1"]),
        ("X=1; g() { X=2; }; f() { a $X; }", ["a <*X>"]),
        ("X=1; f() { a $X; X=2; }", ["a <*X>"]),
        ("X=1; g() { X=1; }; f() { a $X; }", ["a 1"]),
        ("f() { a $X; }; X=1; X=2", ["a <*X>"]),
        ("case a in b) X=1; c $X;; d) e $X;; esac", ["case a in b", "c 1", "d", "e <*X>"]),
        ("a >\\\n f", ["a > f"]),
        ("a <(b) >(c) >d", ["a", "b", "c > d"]),
        ("{ a; } >(b)", ["a", "b"]),
        ('L=(1 2); a "x${L[@]}y" x${L[@]}y', ["a x1 2y x1 2y"]),
        ('L=(); a "${L[@]}" ${L[@]} "$L"', ["a <*L> <*L> <L>"]),
        ('X=\'a  b\'; c $X "$X" d${X}e', ["c a b 'a  b' da be"]),
        ('X=; a $X "$X" b$X', ["a '' b"]),
        ("a &>b &>>c", ["a > b > c"]),
        ("a 22>b 1>>c 12", ["a 12 > c"]),
        ("a;;b", ["a", "b"]),
        ("a|&b||c&&d", ["a", "b | a", "c", "d"]),
        ("a & b", ["a", "b"]),
        ("A=1\\\nB=2 c", ["A=1B=2 c"]),
        ("a $((1+(2*3))) b", ["a <made> b"]),
        ('a "$(b "c d" \')\')" e', ["a <made> e", "b 'c d' )"]),
        ("a $(b # )\n) c", ["a <*made> c", "b"]),
        ("a $(b \\) c) d", ["a <*made> d", "b ) c"]),
        ('a "${X:-"}"}" b', ["a <X|}> b"]),
        ("a ${X:-'}'} b", ["a <*X|}> b"]),
        ('a `b "`" c', ["a <*made><*open>", "b <*open>"]),
        ("a $(( b $(c) )) d", ["a <made> d"]),
        ('a "$(b `c`)" d', ["a <made> d", "b <*made>", "c"]),
        ('bash -c "bash -c \'a b\'"', ['bash -c "bash -c \'a b\'"', "bash -c 'a b'", "a b"]),
        ("echo 'a b'", ["echo 'a b'"]),
        ("gcloud compute ssh --command 'a b'", ["gcloud compute ssh --command 'a b'", "a b"]),
        ("a=b; sh -c 'c $a'", ["sh -c 'c $a'", "c <*a>"]),
        ("[ a = b ] && [[ c == d ]]", ["[ a = b ]", "[[ c == d ]]"]),
        ("a=$(b) c", ["a=<made> c", "b"]),
        ('a="x$(b)y"', ["b"]),
        ("a 10>b x10>c", ["a x10 > c"]),
        ("a >b c >d e", ["a c e > b > d"]),
        (">a b", ["b > a"]),
        ("<a b", ["b"]),
        ("a &", ["a"]),
        ("a;;b", ["a", "b"]),
        ("a\n\n\nb", ["a", "b"]),
        ("", []),
        ("  # only", []),
        ("a\\", ["a"]),
        ("a ')' b )", ["a ) b"]),
        ("a (b) c", ["a", "b", "c"]),
        ("time a b", ["time a b"]),
        ("exec a >b", ["exec a > b"]),
        ('a ${X:-a}b"c"\'d\'$Y', ["a <*X|a>bcd<*Y>"]),
        ('a ""b', ["a b"]),
        ('a $X$Y "$X"y', ["a <*X><*Y> <X>y"]),
        ('X=\'a b\'; c $X "$X" x$X"y" $X$X', ["c a b 'a b' xa by a ba b"]),
        ('X=\'  \'; a $X "$X"b', ["a '  b'"]),
        (r"X=a\ b c $X", ["X='a b' c <*X>"]),
        ("a \\", ["a"]),
        ('a \'b\'\'c\'"d"', ["a bcd"]),
        ('a -e X=$X --y="$(z)"', ["a -e X=<*X> --y=<made>", "z"]),
        ('X=; a $X "$X" ${X:-b} ${X:=c}', ["a '' b c"]),
        ('X=; a "${X-b}" "${X=c}" "${X:-d}"', ["a '' '' d"]),
        ("a <<-E\n\tE\nd", ["a < ''", "d"]),
    ],
)  # fmt: skip
def test_commands(script: str, expected: list[str]) -> None:
    assert described(script) == expected


@each_case(
    ("script", "name", "expected"),
    [
        ("X=1", "X", "1"),
        ("export X=1", "X", "export 1"),
        ("X=1; export X", "X", "export 1"),
        ("export X; X=1", "X", "export 1"),
        ("declare -x X=1", "X", "export 1"),
        ("declare X=1", "X", "1"),
        ("typeset -x X=1", "X", "export 1"),
        ("declare -rx X=1", "X", "export 1"),
        ("declare -r -x X=1", "X", "export 1"),
        ("local X=1", "X", "1"),
        ("readonly X=1", "X", "1"),
        ("set -a; X=1", "X", "export 1"),
        ("set -o allexport\nX=1", "X", "export 1"),
        ("set -e; X=1", "X", "1"),
        ("X=1; set -a", "X", "1"),
        ("set -a; export Y=2; X=1", "X", "export 1"),
        ("X=1; X=2", "X", "2"),
        ("X=1; X+=2", "X", "12"),
        ("X+=2", "X", "?"),
        ("X=1; export X=$X$X", "X", "export 11"),
        ("X=$Y", "X", "<Y>"),
        ("X=${Y:-d}", "X", "<Y|d>"),
        ("X=1; unset X", "X", "?"),
        ("read X", "X", "?"),
        ("X=1; read -r Y X", "X", "?"),
        ("mapfile X", "X", "?"),
        ("readarray X", "X", "?"),
        ("getopts ab X", "X", "?"),
        ("printf -v X 1", "X", "?"),
        ("let X", "X", "?"),
        ("X=1; source f", "X", "?"),
        ("X=1; . f", "X", "?"),
        ("X=1; eval f", "X", "?"),
        ("source f; X=1", "X", "1"),
        ("Y=1", "X", "none"),
        ("X=(1 2)", "X", "?"),
        ("X=(1)", "X", "1"),
        ("X=()", "X", "?"),
        ("X=(1); X+=(2)", "X", "?"),
        ("X=(1 2); X+=3", "X", "13"),
        ("X[0]=1", "X", "?"),
        ("if a; then X=1; fi", "X", "?"),
        ("if a; then X=1; else X=1; fi", "X", "?"),
        ("X=1; if a; then X=1; fi", "X", "1"),
        ("X=1; if a; then X=2; fi", "X", "?"),
        ("if a; then X=1; fi; X=2", "X", "2"),
        ("a && X=1", "X", "?"),
        ("a || X=1", "X", "?"),
        ("X=1 || a", "X", "1"),
        ("X=1 && a", "X", "1"),
        ("(X=1)", "X", "?"),
        ("{ X=1; }", "X", "1"),
        ("f() { X=1; }", "X", "?"),
        ("f() { X=1; }; X=2", "X", "?"),
        ("X=2; f() { Y=1; }", "X", "2"),
        ("while a; do X=1; done", "X", "?"),
        ("X=1; for Y in a; do b; done", "X", "1"),
        ("X=1; for X in a; do b; done", "X", "?"),
        ("case a in b) X=1;; esac", "X", "?"),
        ("X=1; case a in b) X=1;; c) X=1;; esac", "X", "1"),
        ("declare -x X; X=1", "X", "export 1"),
        ("f() { X=1; }; g() { Y=$X; }; X=1", "Y", "?"),
        ("X=$(a)", "X", "<made>"),
        ("G=1", "G", "1"),
        ("", "G", "export g"),
        ("", "H", "none"),
        ("source f", "G", "export g"),
        ("export H", "H", "none"),
        ("X=$G", "X", "g"),
        ("X=$G$H", "X", "g<outside>"),
        ("X=$(Y=1)", "Y", "?"),
        ("sh -c 'X=1'", "X", "none"),
        ("X=1\nX=1; ! a", "X", "1"),
        ("X=a; Y=b; X=c; export Y", "Y", "export b"),
        ("X=1; (X=2; b); c", "X", "?"),
        ("if a; then X=1; Y=$X; fi", "Y", "?"),
        ("f() { X=1; Y=$X; }", "Y", "?"),
        ("Y=$X; X=1", "Y", "<X>"),
        ("declare X", "X", "none"),
        ("export X=", "X", "export "),
        ('export "X"', "X", "none"),
        ("X='a\nb'", "X", "a\nb"),
        ("X=~/a", "X", "~/a"),
        ("X=a\\\nb", "X", "ab"),
        ("X=1 Y=2", "Y", "2"),
        ("X=1;Y=2 b", "Y", "none"),
        ("X=1 export Y=2", "Y", "export 2"),
        ("X=1; select X in a; do b; done", "X", "?"),
        ("typeset -x X; X=1", "X", "export 1"),
        ("function f { X=1; }", "X", "?"),
        ("f(){ X=1; }", "X", "?"),
        ("\\\r\nX=1", "X", "1"),
        ("export X; export=1", "export", "1"),
        ("\\\nX=1", "X", "1"),
        ("if X=1; then a; fi", "X", "1"),
        ("f() { a; }; { X=1; }", "X", "1"),
        ("a && b; X=1", "X", "1"),
        ("read=1; read X", "read", "1"),
        ("export -- X=1", "X", "export 1"),
        ('L=(1 2); X="${L[@]}"', "X", "1 2"),
        ("L=(1 2); X=${L[*]}-", "X", "1 2-"),
        ("X=1; unset -v X", "X", "?"),
        ("set -a; X=1", "X", "export 1"),
        ("set -o allexport; X=1", "X", "export 1"),
        ("set -e; X=1", "X", "1"),
        ("X=1; set -a", "X", "1"),
        ("typeset -x X=1", "X", "export 1"),
        ("declare X=1", "X", "1"),
        ("readonly X=1", "X", "1"),
        ("local -rx X=1", "X", "export 1"),
        ("X=1; printf a", "X", "1"),
        ("X=1; f() { X=1; }", "X", "?"),
        ("(f() { X=1; }); X=1", "X", "?"),
        ("for X in 1; do Y=$X; done", "Y", "?"),
        ('X="a\\\nb"', "X", "ab"),
        ("X=a~", "X", "a~"),
        ("X[1]+=2", "X", "?"),
        ("X=1; X[0]=2", "X", "?"),
        ("X =1", "X", "none"),
        ("case X=1 in X=1) a;; esac", "X", "none"),
    ],
)  # fmt: skip
def test_what_a_variable_holds_at_the_end(script: str, name: str, expected: str) -> None:
    outside = traced.whole("run.sh", "").made([Piece.hole(0, 0, "outside")])
    given = {"G": traced.whole("run.sh", "g"), "H": outside}
    (last,) = [
        command
        for command in commands(traced.whole("run.sh", f"{script}\nend\n"), given)
        if [word.text for word in command.words] == ["end"]
    ]
    held = last.variable(name)
    found = "none" if held is None else f"{'export ' * held.exported}{'?' if held.value is None else shown(held.value)}"
    assert found == expected


@each_case(
    ("script", "expected"),
    [
        ("echo a b >f", ["f: 'a b'"]),
        ("echo -n a >f", ["f: a"]),
        (r"echo -e 'a\nb' >f", ["f: a b"]),
        (r"echo 'a\nb' >f", [r"f: a\nb"]),
        (r"echo -ne 'a\nb' c >>f", ["f: a 'b c'"]),
        ("echo -x a >f", ["f: '-x a'"]),
        ("echo >f", ["f: "]),
        ("echo a", []),
        (r"printf 'a\nb=%s\n' c >f", ["f: a b=c ''"]),
        (r"printf '%s\n' a b >f", ["f: a '' b ''"]),
        ("printf '%s=%s;' a b c >f", ["f: a=b; c=;"]),
        ("printf a >f", ["f: a"]),
        (r"printf 'x%sy%sz\n' >f", ["f: "]),
        ("printf >f", ["f: "]),
        ("cat <<E >f\na\nb $X\nE", ["f: a 'b <X>' ''"]),
        ("cat >f", ["f: "]),
        ("cat <<E | tee f\na\nE", ["f: a ''"]),
        ("echo a | tee -a f g", ["f: a", "g: a"]),
        ("tee f <<E\na\nE", ["f: a ''"]),
        ("tee f", ["f: "]),
        ("echo a | sudo tee /etc/f >/dev/null", ["/etc/f: a"]),
        ("envsubst <<E >f\n$X\nE", ["f: <X> ''"]),
        ("sed -i 's/a/b/' f", ["f: b"]),
        ("sed -i -e 's|a|b|' -e 's#c#d#g' f g", ["g: b d"]),
        ("sed 's/a/b/' f", []),
        ("gsed --in-place 's/a/b/' f", ["f: b"]),
        ("sed -ri '3s/a/b/' f", ["f: b"]),
        ("sed -i '$s/a/b/' f", ["f: b"]),
        ("sed -i 's/a/b/'", []),
        ("sed -i d f", []),
        ("sed -i 's/a' f", []),
        ("sed -i 's/^A=.*/A=x/;s/y/z/' f", ["f: A=x"]),
        ("ssh h 'cat > f' <<E\na\nE", ["f: a ''", "f: "]),
        ('echo a | ssh h "sudo tee -a \'/f\' >/dev/null"', ["/f: a", "/f: "]),
        ('ssh h \'cat >> "f g"\' <<E\na\nE', ["f: a ''", "'f g': "]),
        ("ssh h 'tee f' <<<a", ["f: a", "f: "]),
        ("ssh h 'ls' <<E\na\nE", []),
        ("ssh h 'cat > f'", ["f: "]),
        ("echo a | bash -c 'cat >f'", ["f: a", "f: "]),
        ("{ echo a; echo b; } >f", ["f: a", "f: b"]),
        ("echo a >f >g", ["g: a"]),
        ("echo a >f; echo b >>f", ["f: a", "f: b"]),
        ("ls >f", ["f: "]),
        ('echo "A=$X" >f', ["f: A=<X>"]),
        ('X=1; echo "A=$X" >$Y', ["<Y>: A=1"]),
        ("(echo a; echo b) >f", ["f: a", "f: b"]),
        ("echo a | (tee f)", ["f: a"]),
        ("if a; then echo b; fi >f", ["f: ", "f: b"]),
        ("echo 'A=1\nB=2' >f", ["f: A=1 B=2"]),
        ("printf '%s' 'A\nB' >f", ["f: A\nB"]),
        ("printf 'A\nB' >f", ["f: A B"]),
        ("echo a | tee -- f -x", ["f: a"]),
        ("cat f >g", ["g: "]),
        ("cat a <<E >g\nb\nE", ["g: b ''"]),
        ("sed -i 's/a/b$X/' f", ["f: b$X"]),
        ("sed -ni 's,a,b,p;' f", ["f: b"]),
        ("sed -i 1d -e s/a/b/ f", ["f: b"]),
        ("sed -e s/a/b/ -i f", ["f: b"]),
    ],
)  # fmt: skip
def test_lines_that_are_written_into_files(script: str, expected: list[str]) -> None:
    found = [
        f"{row(one.path)}: {' '.join(map(row, one.lines))}"
        for command in commands(traced.whole("run.sh", script))
        for one in shell_output.written(command)
    ]
    assert found == expected


@each_case(
    ("script", "places"),
    [
        ("X=1\na $X \"y$X\" 'z w' v\\ u", ["a", "1@$X", "y", "1@$X", "z w", "v", " ", "u"]),
        ("a \"b\"\"\" ${X:-c} $(d) $'e\\tf' $'g' $1", ["a", "b", "", "${X:-c}", "$(d)", "e\\tf", "g", "$1", "d"]),
        ("a=(1 '2 3')\nb ${a[@]}", ["b", "1@${a[@]}", "2@${a[@]}", "3@${a[@]}"]),
        ("X=\na ${X:-b} 'c", ["a", "${X:-b}@${X:-b}", "'c"]),
        ("a b\\\nc `d` ${", ["a", "b", "c", "`d`", "${", "d"]),
    ],
)  # fmt: skip
def test_places(script: str, places: list[str]) -> None:
    def place(piece: Piece) -> str:
        used = "" if piece.used is None else f"@{script[slice(*piece.used)]}"
        return f"{script[piece.start : piece.end]}{used}"

    found = commands(traced.whole("run.sh", script))
    assert [place(piece) for command in found for word in command.words for piece in word.pieces] == places


def test_what_is_exported_to_a_command() -> None:
    script = "export A=1; B=2; export C=$(x)\nD=3 a\nexport A=4\n"
    first = next(one for one in commands(traced.whole("run.sh", script)) if one.words[0].text == "a")
    last = commands(traced.whole("run.sh", script))[-1]
    exported = [[(name, shown(value)) for name, value in one.exported(lambda _: True)] for one in (first, last)]
    assert exported == [[("A", "1"), ("C", "<*made>".replace("*", ""))]] * 2
    assert [shown(value) for name, value in last.exported("A".__eq__, after=True)] == ["4"]
    assert [name for name, _ in last.exported("B".__eq__)] == []
    held = first.variable("D")
    assert held is not None
    assert held.exported


@each_case(
    ("line", "expected"),
    [("a 'b c' $X; d", ["a", "'b c'", "<*X>"]), ("", []), ("# a", []), ("A=1 b", ["b"])],
)
def test_words_of_one_line(line: str, expected: list[str]) -> None:
    assert [row(word) for word in words(traced.whole("run.sh", line))] == expected


@each_case(
    ("text", "expected"),
    [("'a'", "a"), ('"a b"', "a b"), ("a", "a"), ("'a\"", "'a\""), ("'", "'"), ("''", ""), ("''a'", "'a"), ("xax", "xax")],
)  # fmt: skip
def test_quotes_of_a_value(text: str, expected: str) -> None:
    found = shell_output.without_quotes(traced.whole(".env", text))
    assert found.text == expected
    assert written(text, found.location) == expected


@each_case(
    ("script", "limit"),
    [
        ("X={n}\na $X", 16_383),
        ("L=({n} 1 2)\na $L", 16_379),
        ("X=1{more}\na $X", 99),
        ("X=1\n{open}a $X{close}", 63),
    ],
)
def test_what_is_followed_no_further(script: str, limit: int) -> None:
    for number, is_known in ((limit, True), (limit + 1, False)):
        parts = {"n": "n" * number, "more": "\nX=1" * number, "open": "(" * number, "close": ")" * number}
        (found,) = [one for one in commands(traced.whole("run.sh", script.format(**parts))) if one.words[0].text == "a"]
        assert (not found.words[1].unknown) is is_known
