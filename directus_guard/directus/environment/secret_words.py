"""Words in values: what people write in the place of a secret, in the languages of Latin, Cyrillic, Greek, Asian and Semitic script.

A generator of secrets makes no words, and people who leave a place open write some. So a value is judged by its
structure: does it split into pieces that read like words, and do the words speak of the variable itself?
"""

from __future__ import annotations

import itertools
import math
import re
import unicodedata
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from directus_guard.directus.environment import secret_words_data as data
from directus_guard.lazy_pattern import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_STEMS: Final = frozenset(data.STEMS.split())
_SPEAKING: Final = frozenset(data.SPEAKING.split())
ASKING: Final = frozenset(data.ASKING.split())
_FUNCTION: Final = frozenset(data.FUNCTION.split())
_NAMES: Final = frozenset(data.NAMES.split())
_TRAINING: Final = tuple(data.TRAINING.split())
_FOREIGN: Final = lazy_pattern(
    r"парол|секрет|ключ|токен|введ|встав|укаж|ваш|твой|замен|измен|смен|здесь|сюда|пример|случайн|тут|гасло|ключ|тайн|зміни|замін|змін|парола|лозинк|тајн|шифр|значени|ваше|свой|нужно|нада|таемн|"
    r"κωδικ|κλειδ|μυστικ|αλλ[αά]ξ|εδ[ωώ]|παρ[αά]δειγμα|σας|"
    r"密码|密碼|密钥|密鑰|秘密|令牌|口令|请|請|输入|輸入|填|你的|您的|替换|替換|修改|更改|更换|示例|例子|这里|此处|這裡|在此|随机|隨機|"
    r"パスワード|シークレット|トークン|キー|鍵|入力|ここ|変更|置き換|あなた|例|ランダム|設定|暗証|"
    r"비밀|암호|키|토큰|입력|여기|변경|교체|바꾸|바꿔|예시|예제|당신|"
    r"كلمة|المرور|سر|مفتاح|أدخل|ادخل|هنا|غير|استبدل|مثال|رمز|گذرواژه|رمز|"
    r"סיסמ|סוד|מפתח|כאן|הזן|הכנס|החלף|שנה|דוגמ|שלך|"
    r"पासवर्ड|कुंजी|गुप्त|यहाँ|यहां|दर्ज|बदल|อุ|รหัส|ที่นี่|ใส่|เปลี่ยน|কী|পাসওয়ার্ড|கடவுச்|գաղտնա|პაროლ"
)
"""The same in scripts that no generator of secrets uses."""


_CHARS: Final = "abcdefghijklmnopqrstuvwxyz"
_LEAST_LIKELY: Final = -3.25
"""Average natural logarithm per letter; words have about -2.3, random letters -4."""
_LETTERS_ALONE: Final = 3
"""Letters up to which a piece cannot be judged by them."""
_LONGEST_NAME: Final = 10
"""Letters up to which a piece among words may be a name or an abbreviation."""
_LONGEST_ODD: Final = 8
_LONGEST_SPOKEN: Final = 24
_SHORT: Final = 8
_LEAST_LIKELY_SHORT: Final = -3.55
_MOST_CHARACTERS: Final = 200
_SIGNS: Final = frozenset("=^*-_+~|&%$#@/\\")
_MOST_SIGNS: Final = 3
"""Kinds of signs between words: a generator of passwords takes more."""
_VOWELS: Final = frozenset("aeiouy")
_WITHOUT_MARKS: Final = str.maketrans("łøđıħðþ", "lodihdt")
_MORE_LETTERS: Final = {"ß": "ss", "æ": "ae", "œ": "oe"}
_LEET: Final = str.maketrans("013457@$!", "oieastasi")
_PIECE: Final = lazy_pattern(r"[^\W\d_]+|\d+")
_CAMEL: Final = lazy_pattern(r"(?<=[a-zß-öø-ÿ])(?=[A-ZÀ-ÖØ-Þ])|(?<=[A-Z])(?=[A-Z][a-z])")
_WITH_DIGIT: Final = lazy_pattern(
    r"(?<![^\W_])(?:[Ss]3|[Rr]2|[Bb]2|[Kk]8[Ss]|[Aa]uth0|AUTH0|[Oo][Aa]uth2|1[Pp]assword)(?=[A-Z_\W]|\Z)"
)
"""Names of services and standards that have a digit."""
_BETWEEN: Final = lazy_pattern(r"[^\W_]+")
_LETTERS: Final = lazy_pattern(r"[^\W\d_]+")
_INSIDE: Final = lazy_pattern(r"[^\W\d_]\d+[^\W\d_]|\A\d+[^\W\d_]")


class Words(Struct, frozen=True):
    """A text as words and numbers. Letters are small and without marks."""

    words: tuple[str, ...]
    numbers: tuple[str, ...]
    foreign: str
    """What is written in another script than Latin."""


def split(text: str) -> Words:
    """The words and numbers of a text: `CHANGE_ME`, `changeMe 32`, `ändere-mich`."""
    foreign = "".join(letter for letter in text if letter.isalpha() and not _is_latin(letter))
    latin = "".join(letter for letter in text if not letter.isalpha() or _is_latin(letter))
    pieces = _PIECE.findall(_CAMEL.sub(" ", _WITH_DIGIT.sub(" service ", latin)))
    words = tuple(_plain(piece) for piece in pieces if not piece[0].isdigit())
    numbers = tuple(piece for piece in pieces if piece[0].isdigit())
    return Words(words, numbers, foreign)


@lru_cache(maxsize=4096)
def _is_latin(letter: str) -> bool:
    return letter.isascii() or unicodedata.name(letter, "").startswith("LATIN")


def _plain(word: str) -> str:
    """Small letters without marks."""
    word = word.lower()
    if word.isascii():
        return word
    for letter, letters in _MORE_LETTERS.items():
        word = word.replace(letter, letters)
    bare = "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c))
    return bare.translate(_WITHOUT_MARKS)


@lru_cache(maxsize=4096)
def is_wording(text: str) -> bool:
    """Whether a text consists of words and small numbers, in whatever language."""
    if len(text) > _MOST_CHARACTERS:
        return False
    parts = split(text)
    if not (parts.words or parts.foreign) or len(_SIGNS.intersection(text)) > _MOST_SIGNS:
        return False
    letters = sum(map(len, parts.words)) + len(parts.foreign)
    digits = sum(len(number) for number in parts.numbers if not is_run(number))
    if digits > letters / 2 or any(len(number) > 4 and not is_run(number) for number in parts.numbers):
        return False
    odd = _odd_pieces(text)
    if len(parts.numbers) > max(2, len(parts.words) // 2) or len(odd) > (1 if len(parts.words) > 2 else 0):
        return False
    if any(len(piece) > _LONGEST_ODD for piece in odd):
        return False
    if (
        len(parts.words) > 2
        and not odd
        and not parts.numbers
        and all(map(_may_be_spoken, parts.words))
        and _is_separated(text)
    ):
        return True
    sure = sum(len(word) for word in parts.words if is_word(word)) + len(parts.foreign)
    doubtful = any(len(word) > _LONGEST_NAME and not is_word(word) for word in parts.words)
    return not doubtful and sure >= letters * 0.6


def _is_separated(text: str) -> bool:
    """Whether all pieces between separators are in one case: `rhowch-eich-allwedd-yma`. No generator writes that."""
    pieces = _BETWEEN.findall(text)
    return len(pieces) > 2 and all(piece.islower() or piece.isupper() or piece.istitle() for piece in pieces)


def _may_be_spoken(word: str) -> bool:
    return len(word) <= _LONGEST_SPOKEN and (len(word) <= _LETTERS_ALONE or re.search(r"[aeiouyw]", word) is not None)


def _odd_pieces(text: str) -> list[str]:
    """The pieces between separators that mix letters with digits, or large letters with small ones, as no word does.

    `auth0`, `base64`, `myAPIKey` and `Sommer2024` are no such pieces.
    """
    found: list[str] = []
    for piece in _BETWEEN.findall(_WITH_DIGIT.sub(" ", text)):
        humps = [_plain(hump) for hump in _LETTERS.findall(_CAMEL.sub(" ", piece))]
        words = [hump for hump in humps if is_word(hump)]
        known = [hump for hump in words if hump in _KNOWN or _names_a_secret(hump) or is_compound(hump)]
        short = [hump for hump in humps if len(hump) == _LETTERS_ALONE and hump not in words]
        if len(short) == 1 and sum(map(len, known)) > _LETTERS_ALONE and len(known) + 1 == len(humps):
            words = humps  # `TopSecret`
        mixed = _INSIDE.search(piece) is not None and known != humps
        if mixed or (len(humps) > 1 and words != humps):
            found.append(piece)
    return found


def is_word(word: str) -> bool:
    """Whether a piece is a known word, several of them, or reads like one."""
    if word in _KNOWN or _names_a_secret(word) or is_compound(word):
        return True
    return len(word) > _LETTERS_ALONE and reads_like_a_word(word)


@lru_cache(maxsize=8192)
def is_compound(word: str) -> bool:
    """Whether known words follow each other without anything between them (`supersecretkey`)."""
    reached = [True] + [False] * len(word)
    for end in range(2, len(word) + 1):
        reached[end] = any(reached[start] and word[start:end] in _KNOWN for start in range(max(0, end - 16), end - 1))
    return reached[-1]


def speaks_of_itself(text: str, name: str) -> bool:
    """Whether the words of a text are about the variable (password, secret, your, here, change …) and not some phrase.

    `name` is the variable's: its own words count.
    """
    parts = split(text)
    if parts.foreign and (_FOREIGN.search(text.lower()) is not None):
        return True
    if any(_names_a_secret(word) for word in _joined(parts.words)):
        return True
    if _tells_the_origin(parts):
        return True
    own = set(split(name).words)
    judged = [word for word in parts.words if word not in _FUNCTION or word in own]
    speaking = [word for word in judged if word in own or word in _SPEAKING or _all_speaking(word)]
    if judged:
        return len(speaking) * 2 > len(judged) or (len(speaking) * 2 == len(judged) and len(judged) > 2)
    return False


_PARTICIPLE: Final = lazy_pattern(r"[a-z]{4,30}ed|[a-z]{5,30}(?:[ai]d|[ai]t)[ao]|ge[a-z]{4,30}(?:t|en)|[a-z]{4,30}iert")
_PASSIVE: Final = frozenset(("wird", "werden", "wordt", "is", "are", "gets", "viene", "sera"))
_ADVERB: Final = lazy_pattern(r"[a-z]{6,30}(?:mente|ement|matisch|matically)")


def _tells_the_origin(parts: Words) -> bool:
    """Whether a phrase tells what is done to a value: `injected-by-ci`, `generado-por-el-servidor`, `wird-noch-gesetzt`."""
    if parts.numbers or parts.foreign or not parts.words:
        return False
    if parts.words[0] in _PASSIVE and _PARTICIPLE.fullmatch(parts.words[-1]):
        return True
    for word, following in itertools.pairwise(parts.words[:3]):
        if _ADVERB.fullmatch(following) or (_PARTICIPLE.fullmatch(word) and following in _FUNCTION):
            return True
    return False


def is_description(text: str) -> bool:
    """Whether a text in another script than Latin describes a value, and is none.

    Password fields turn input methods off, so no password is made of Chinese, Japanese or Korean words alone. In scripts
    that a keyboard types directly people do choose a word, but do not write phrases with separators.
    """
    parts = split(text)
    if not parts.foreign or parts.numbers or not all(map(is_word, parts.words)):
        return False
    if all(map(_is_composed, parts.foreign)):
        return True
    return not parts.words and len(_BETWEEN.findall(text)) > 2


@lru_cache(maxsize=4096)
def _is_composed(letter: str) -> bool:
    return unicodedata.name(letter, "").startswith(("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO"))


def only_common(text: str) -> bool:
    """Whether nothing but such words is there, whatever replaces letters in them: `p@ssw0rd`, `Admin123!`, `d1r3ctu5`."""
    bare = re.sub(r"[\d\W_]{1,12}\Z", "", text)
    variants = [text]
    if bare.translate(_LEET) != bare and any(map(str.isalpha, bare)):
        # What ends a password is a number or a sign: of digits there only the first may stand for a letter (`d1r3ctu5`).
        variants += [bare.translate(_LEET), text[: len(bare) + 1].translate(_LEET)]
    elif bare != text:
        variants.append(bare)
    return any(map(_only_common, variants))


def _only_common(text: str) -> bool:
    parts = split(text)
    short = all(len(number) <= 6 or is_run(number) for number in parts.numbers)
    telling = [word for word in parts.words if _is_common(word)]
    rest = all(word in _FUNCTION for word in parts.words if not _is_common(word))
    letters = sum(map(len, telling))
    return (
        rest
        and short
        and not parts.foreign
        and any(len(word) >= _LETTERS_ALONE for word in telling)
        and len(parts.numbers) <= len(telling) + 1
        and letters * 2 >= sum(map(str.isalnum, text))
    )


def _is_common(word: str) -> bool:
    return word in _SPEAKING or word in _NAMES or _all_speaking(word)


def _joined(words: tuple[str, ...]) -> Iterable[str]:
    """Each word, and each two and three that follow each other as one (`mot de passe`, `mat khau`)."""
    yield from words
    for size in (2, 3):
        yield from ("".join(words[at : at + size]) for at in range(len(words) - size + 1))


_LONG_STEM: Final = 5
_NOUN_AT_END: Final = lazy_pattern(
    r"(?:token|secret|password|passwort|(?:api|jwt|app|access|auth|master|private|session|service|client)key)\Z"
)


def _names_a_secret(word: str) -> bool:
    if any(
        word.startswith(stem)
        or (len(stem) > _LONG_STEM and stem in word)
        or (len(stem) == _LONG_STEM and word.endswith(stem))
        for stem in _STEMS
    ):
        return True
    return _NOUN_AT_END.search(word) is not None


@lru_cache(maxsize=4096)
def _all_speaking(word: str) -> bool:
    """Whether the word is made of speaking ones, most of its letters in words of four and more."""
    if len(word) < 6 or len(word) > _MOST_CHARACTERS:
        return False
    # For each end of a beginning that is made of them: the most letters in long words.
    most = [0] + [-1] * len(word)
    for end in range(2, len(word) + 1):
        for start in range(max(0, end - 16), end - 1):
            part = word[start:end]
            short = end - start <= _LETTERS_ALONE
            if most[start] >= 0 and (part in _JOINTS or (not short and (part in _SPEAKING or part in _NAMES))):
                most[end] = max(most[end], most[start] + (0 if short else end - start))
    return most[-1] * 2 >= len(word)


_JOINTS: Final = frozenset(
    {"de", "of", "the", "for", "des", "der", "me", "be", "to", "is", "my", "db", "pg", "key", "app", "api", "jwt", "dev", "new", "any", "set", "put", "pwd", "sql", "web", "cms", "env", "not", "and", "you"}
)  # fmt: skip
"""Short words that count inside of a longer one; of others too many words of every day are made (`mon`, `key`: monkey)."""
_KNOWN: Final = _SPEAKING | _FUNCTION | _NAMES | {word for word in _TRAINING if len(word) > _LETTERS_ALONE}


def reads_like_a_word(word: str) -> bool:
    """Whether letters follow each other as in words: not `xkqzjwv`."""
    if not _VOWELS.intersection(word) or re.search(r"[^aeiouy]{6}|[aeiouy]{5}|(.)\1\1", word):
        return False
    return _likeliness(word) > (_LEAST_LIKELY_SHORT if len(word) <= _SHORT else _LEAST_LIKELY)


def _likeliness(word: str) -> float:
    """The average logarithm of how likely each letter follows the two before it."""
    pairs, triples = _statistics()
    marked = f"  {word} "
    total = 0.0
    for at in range(2, len(marked)):
        before, last, letter = marked[at - 2], marked[at - 1], marked[at]
        by_one = (pairs.get((last, letter), 0) + 0.25) / (pairs.get((last, ""), 0) + 0.25 * 27)
        of_two = triples.get((before, last, ""), 0)
        by_two = (triples.get((before, last, letter), 0) + 2 * by_one) / (of_two + 2)
        total += math.log(0.5 * by_two + 0.5 * by_one)
    return total / (len(marked) - 2)


@lru_cache(maxsize=1)
def _statistics() -> tuple[Mapping[tuple[str, str], int], Mapping[tuple[str, str, str], int]]:
    """How often letters follow each other; the entry without a last letter is the sum."""
    pairs: Counter[tuple[str, str]] = Counter()
    triples: Counter[tuple[str, str, str]] = Counter()
    for word in sorted({word for word in (*_TRAINING, *_SPEAKING) if word.isascii() and word.isalpha()}):
        marked = f"  {word} "
        for at in range(2, len(marked)):
            before, last, letter = marked[at - 2], marked[at - 1], marked[at]
            pairs[(last, letter)] += 1
            pairs[(last, "")] += 1
            triples[(before, last, letter)] += 1
            triples[(before, last, "")] += 1
    return pairs, triples


def is_run(text: str) -> bool:
    """`123456`, `abcdef0123`, `aaaa`: each character follows the one before."""
    if len(text) < 2:
        return False
    regular = sum(ord(after) - ord(before) in (0, 1, -1) for before, after in itertools.pairwise(text))
    return regular >= (len(text) - 1) * 0.8
