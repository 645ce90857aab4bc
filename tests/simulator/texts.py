"""Japanese programme texts as broadcasters write them: full-width digits, enclosed signs beyond the first plane, odd characters."""

from __future__ import annotations

from random import Random

_SHOWS = (
    "ニュース・気象情報", "連続テレビ小説", "大河ドラマ", "劇場版アニメ", "プロ野球中継", "サイエンスの扉", "旅するピアノ",
    "きょうの料理", "将棋フォーカス", "名画座", "音楽の森", "海外ドラマ", "落語の時間", "高校講座", "深夜アニメ枠",
)  # fmt: skip
_SIGNS = ("🈑", "🈐", "🈟", "🈞", "🈡", "🈖", "[再]", "[字]", "[解]", "［再］", "")
_PEOPLE = ("架空　太郎", "見本花子", "例田例次", "試験　一郎", "ダミー山三郎")
_PLACES = ("札幌", "仙台", "東京", "名古屋", "大阪", "広島", "福岡", "那覇")
_HEADINGS = ("番組内容", "出演者", "あらすじ◇", "音楽", "監督・演出", "おしらせ")
_DIGITS = str.maketrans("0123456789", "０１２３４５６７８９")
_ODD = ("\ufffd", "\u0007", "\u0000", "\u2028", "𠮷", "👨‍👩‍👧", '"', "\\", "\u200b", "&amp;", "<b>")

CHANNELS = ("ＮＨＫ総合", "ＮＨＫＥテレ", "架空テレビ", "見本放送", "ＢＳ例", "テスト東京", "ダミーＴＶ")


def title(random: Random) -> str:
    number = f"＃{random.randint(1, 60)}".translate(_DIGITS) if random.random() < 0.4 else ""
    return odd(random, f"{random.choice(_SHOWS)}{number}{random.choice(_SIGNS)}{random.choice(_SIGNS)}")


def description(random: Random) -> str:
    return odd(random, f"①{random.choice(_PLACES)}から～③　第{random.randint(1, 99)}回。㎞ほど歩きます。")


def extended(random: Random, page: str | None) -> dict[str, str]:
    """Headings and their texts, in order; `page` is an address that one of them names."""
    headings = random.sample(_HEADINGS, random.randint(1, 4))
    texts = {heading: odd(random, _paragraph(random)) for heading in headings}
    if page:
        texts[headings[-1]] += f"\nくわしくは{page}　まで"
    return texts


def channel(random: Random, number: int) -> str:
    return f"{CHANNELS[number % len(CHANNELS)]}{number + 1}・{random.choice(_PLACES)}".translate(_DIGITS)


def odd(random: Random, text: str) -> str:
    """The text, one time in fifty with a character in it that some programme somewhere stumbles over."""
    if random.random() >= 0.02:
        return text
    at = random.randint(0, len(text))
    return text[:at] + random.choice(_ODD) + text[at:]


def _paragraph(random: Random) -> str:
    people = "\n".join(f"【出演】{person}" for person in random.sample(_PEOPLE, random.randint(1, 3)))
    return f"{random.choice(_PLACES)}の{random.choice(_SHOWS)}をお送りします。\n{people}"
