"""Owns the passwords that everybody tries first: those of ten characters and more, without their digits and signs."""

from __future__ import annotations

import re

_WORDS = """
abcdefghij abcdefghijk abcdefghijkl abcdefghijklmnopqrstuvwxyz
administrator administrators adminadmin adminpassword adminpass admin
changeme changemenow changepassword changeit
chinachina china beijing shanghai shenzhen guangzhou
computer football baseball basketball superman batman dragon monkey sunshine princess welcome
default defaultpassword demo demodemo
education school teacher student xuexiao laoshi xuesheng jiaoyu
gongdan gongdangongdan ticket tickets helpdesk support
guest guestguest hello helloworld iloveyou iloveyouforever ilovechina
letmein letmeinnow letmeinplease login loginlogin master masterpassword
mima mimamima mypassword newpassword nopassword
pass passpass passw passwd passwdpasswd password passwordpassword passwords passwort pword
qazwsx qazwsxedc qazwsxedcrfv qwerty qwertyui qwertyuiop qwertyqwerty qweasd qweasdzxc qweqweqwe qwert
root rootroot secret secretpassword server
temp temppassword temporary test testing testtest testpassword user useruser username
woaini woainima woaiwojia woaizhongguo nihao nihaoma
zhongguo wangyut zaqxsw zaqxswcde zxcvbn zxcvbnm zxcvbnmasdfghjkl asdfgh asdfghjkl asdfasdf asdasdasd
"""
COMMON = frozenset(_WORDS.split())
_LEET = str.maketrans("013457@$!", "oieastasi")


def is_common(password: str) -> bool:
    """Whether one of them is left once digits and signs around are dropped, or nothing but a plain row of digits is."""
    text = password.lower()
    bare = re.sub(r"[\W\d_]+", "", text)
    spelled = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", text).translate(_LEET)
    return bare in COMMON or spelled in COMMON or len(set(text)) < 5 or (not bare and _is_row(text))


def _is_row(text: str) -> bool:
    digits = re.sub(r"\D", "", text)
    rows = ("01234567890123456789", "98765432109876543210")
    return any(digits in row for row in rows)
