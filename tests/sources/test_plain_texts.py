"""Addresses in texts of Python and PHP."""

from __future__ import annotations

from typing import Final

from tests.support.code_evidence import said
from tests.support.each import each_case

SAID: Final[tuple[tuple[str, str, list[str]], ...]] = (
    ("a.py", "x = a\ny = b + '?access_token='", ["call {b}: ?access_token="]),
    ("a.py", "x = f(a, b + '?access_token=')", ["call {a b}: ?access_token="]),
    ("a.py", "if a != b + '?access_token=': pass", ["call {if a b}: ?access_token="]),
    ("a.php", "<?php $x = $a . '/x?access_token=' . $t;", ["call /x: /x?access_token="]),
    ("a.php", "<?php $x = $a->b . '/y' . '/x?access_token=' . $t;", ["call /x: /x?access_token="]),
    ("a.php", "<?php return $a . '?access_token=' . $t;", ["call {$a}: ?access_token="]),
    ("a.php", "<?php f($a . '/x' . '?access_token=' . $t);", ["call {$a}/x: ?access_token="]),
    ("a.php", "<?php $x = $a . '/x' . '&access_token=' . $t;", ["call {$a}/x: &access_token="]),
    ("a.php", "<?php $x = $a . '/x' . 'access_token=' . $t;", ["call {$a}/x: access_token="]),
    ("a.php", "<?php $x = a == $a . '?access_token=';", ["call {a $a}: ?access_token="]),
    ("a.php", '<?php $x = "/x/{$id}?access_token=$t[0]";', ["call /x/…: /x/{$id}?access_token=$t[0]"]),
    ("a.php", "<?php $x = \"{$a->b}/x?access_token={$t}\"; # '/y?access_token='\n// '/z?access_token='\n/* '/z?access_token=' */", ["call {$a->b}/x: {$a->b}/x?access_token={$t}"]),
    ("a.php", "<?php $x = 'a \\' /x?access_token=';", []),
    ("a.php", "'/x?access_token='", []),
    ("a.php", "<?php $x = 1; ?> '/x?access_token=' <?php $y = '/y?access_token=';", ["call /y: /y?access_token="]),
    ("a.php", "<?php $x = 1; ?> '/x?access_token=' <?= '/y?access_token=' ?>", ["call /y: /y?access_token="]),
    ("a.php", "<?php #[A('/x?access_token=')]", ["call /x: /x?access_token="]),
    ("a.py", "x = '/x?access_token=' + t", ["call /x: /x?access_token="]),
    ("a.py", 'x = f"{a}/x?access_token={t}"', ["call {a}/x: {a}/x?access_token={t}"]),
    ("a.py", "x = a + \"/x\" + '?access_token=' + t", ["call {a}/x: ?access_token="]),
    ("a.py", "return a + \"/x\" + '&access_token=' + t", ["call {a}/x: &access_token="]),
    ("a.py", 'x = """/x?access_token="""', ["call /x: /x?access_token="]),
    ("a.py", "x = '''/x?access_token='''", ["call /x: /x?access_token="]),
    ("a.py", "x = '''/x ?access_token='''", []),
    ("a.py", "x = ' /x?access_token= '", ["call / /x:  /x?access_token= "]),
    ("a.py", "# '/x?access_token='", []),
    ("a.py", "x = Rb'/x?access_token='", ["call /x: /x?access_token="]),
    ("a.py", "x = '/x?access_token=PqLh4sXl'", ["call /x: /x?access_token=PqLh4sXl", "literal access_token = PqLh4sXl to /x: PqLh4sXl"]),
    ("a.py", "x = '/x?access_token=' # '/y?access_token='\ny = 'it\\'s/y?access_token='", ["call /x: /x?access_token=", "call /it\\'s/y: it\\'s/y?access_token="]),
    ("a.py", "x = '/y\nz = '/x?access_token='", ["call /x: /x?access_token="]),
)  # fmt: skip


@each_case(("path", "text", "expected"), SAID)
def test_what_a_text_says(path: str, text: str, expected: list[str]) -> None:
    assert said(text, path) == expected
