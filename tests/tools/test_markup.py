# SPDX-License-Identifier: MIT
"""The strict mode's check of markup, against Pango itself."""

import json
import random
import re

import pytest
from pango import MarkupError, without_markup
from support.program import Program

pytestmark = pytest.mark.needs("strict")

CASES = 4000
# What texts are made of, two blanks between. In some orders it is markup, in most it is not. Attributes that
# Pango has get values that it takes.
PIECES = """
<b>  </b>  <i>  </i>  <span>  </span>  <u></u>  <tt>x</tt>  <sub>1</sub>  <big>  </big>  <small>  </small>
<s/>  <markup>x</markup>  <B>  <blink>  </blink>  <b/>  <b / >  </b >  < b>  <b  <b<b>  </  </>  <>  <1>
<é>  <-b>  <_b>  <b:c>  <:b>  <b.c/>  <a>  <span size='1024'>  <span color="red" weight='bold'>
<span size = "1" >  <span size=large>  <span size>  <span size=>  <span size='1>  <span size='1'size='2'>
<span size='1' size='2'>  <span colour='red'>  <span alpha='50%'/>  <span color='&#114;ed'>
<span color='red&'>  <span lang='a<b'>  <b size='1'>  <span rise='1' underline='single'>
<span font_desc='Sans 12'>  <span lang="&quot;"/>  <span /size='1'>  <span size='1'/ >  <span/size='1'>
<span size='1' !>  <span 1='1'>  </b size='1'>  </span >  &amp;  &lt;  &gt;  &quot;  &apos;  &eacute;
&nbsp;  &#65;  &#x41;  &#X41;  &#0;  &#x;  &#;  &#xD800;  &#x10FFFF;  &#x110000;  &#65  &amp  &  &&  &;
&a  &#65x;  &#1;  &#9;  &#xFFFE;  &#x7f;  &-;  &amp_;  &_a;  &9;  <!-- -->  <!---->  <!-- a b -->  <!-->
<!-x  <!--  -->  <?  ?>  <?pi?>  <!DOCTYPE x>  <![CDATA[a&b]]>  <![CDATA[  ]]>  a  é  €  日  1  "  '  >  =
/  ;  #  --  ?
"""


def cases() -> list[str]:
    pieces = [*re.split(r"\n|  ", PIECES.strip()), " ", "\n", "\t"]
    shuffle = random.Random(7450)
    texts = ["".join(shuffle.choices(pieces, k=shuffle.randint(1, 5))) for _ in range(CASES)]
    # In front of each is a tag, so that all are taken as markup.
    return ["<b/>" + text for text in pieces + texts] + [f"<b>{text}</b>" for text in pieces]


def refuses(text: str) -> bool:
    try:
        without_markup(text)
    except MarkupError:
        return True
    return False


def test_strict_mode_refuses_what_pango_refuses(run_app: Program) -> None:
    texts = cases()
    (run_app.folder / "cases.json").write_text(json.dumps(texts))
    done = run_app("""
        import _markup
        import json
        with open("cases.json") as f:
            print(json.dumps([_markup.fault(text) for text in json.load(f)]))
        """)
    faults = json.loads(done.stdout)
    verdicts = [refuses(text) for text in texts]
    assert 200 < sum(verdicts) < len(texts) - 200
    cases_with_words = zip(texts, verdicts, faults, strict=True)
    assert [(text, words) for text, refused, words in cases_with_words if refused != bool(words)] == []
