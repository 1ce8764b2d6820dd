"""In which manner a text speaks: reference, reporting, opinion, promotion, users' words; by its kind of content and by cues.

The kind of content (`checks.scale`) goes first: an encyclopaedia is reference, a forum users' words; opinion may stand on news
sites and in forums too. Where no kind is known, two different cues of a manner must stand in the first 1,500 code points,
and more than of any other. The lists are ours, of no standard, and were held against no labelled text: shares are screening indicators.
"""

import re
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from checks.triggers import PatternSet, scan
from schemas.content_kinds import KINDS

REFERENCE, REPORTING, OPINION, PROMOTIONAL, USERS, OTHER, UNKNOWN = MANNERS = (
    "reference", "reporting", "opinion", "promotional", "user-generated", "other", "unknown",
)  # fmt: skip
"""`other`: books, code, dialogues, which are none of the five; `unknown`: nothing tells."""
_OF_KIND: Final = {
    "news": REPORTING, "encyclopaedia": REFERENCE, "forum": USERS, "social": USERS, "book": OTHER, "academic": REFERENCE,
    "law": REFERENCE, "government": REFERENCE, "education": REFERENCE, "code": OTHER, "dialogue": OTHER, "commerce": PROMOTIONAL,
    "other": OTHER, "unknown": UNKNOWN,
}  # fmt: skip
HEAD: Final = 1_500
"""Code points of a text that are looked at."""
LEAST_CUES: Final = 2
CUES: Final = PatternSet(
    (
        ("reference.says", "是指|又称|亦称|简称|別稱|别名|定义为|指的是"),
        ("reference.born", "(?:出生|生|位|座落|坐落)(?:于|於)|(?:隶属|属)(?:于|於)|是(?:一种|一個|一个)[^\n]{0,40}(?:科|属|县|镇|河流|术语)"),
        ("reference.part", "^[ \t=#]*(?:参考文献|参考资料|外部链接|参见|目录|注释)"),
        ("reference.says.en", "(?i)refers to|is defined as|also known as|abbreviated as|is the name of|derived from"),
        ("reference.born.en", r"(?i)was born (?:in|on)|is an? (?:species|genus|village|town|municipality|commune|river|family|district|type|form) (?:of|in)"),
        ("reference.part.en", "^[ \t=#]*(?:References|See also|External links|Bibliography|Further reading|Etymology|Notes)"),
        ("reporting.who", "(?:本报|本台|见习|新华社|特约)?记者|通讯员|新闻发言人|发布会"),
        ("reporting.says", "(?:表示|指出|强调|透露|宣布|介绍)(?:，|：|说)|据[^\n]{2,40}(?:报道|消息|介绍|统计)|日电"),
        ("reporting.when", "(?:昨日|今日|日前|近日|当地时间)(?:，|获悉|上午|下午|[0-9])|[0-9]{1,2}日(?:上午|下午|晚|电)"),
        ("reporting.says.en", "(?i)(?:he|she|officials?|police|who|company|minister|president) said|said (?:on |in a |monday|tuesday|wednesday|thursday|friday|saturday|sunday)"),
        ("reporting.who.en", "(?i)told reporters|spokes(?:man|woman|person)|according to (?:a |the |officials|police|data|reports?)|in a statement"),
        ("reporting.line.en", r"Reuters|Associated Press|\((?:AP|AFP|CNN|UPI|Xinhua)\)|NEWSWIRE"),
        ("opinion.think", "我认为|我觉得|笔者认为|在我看来|依我看|我个人认为|本人认为|我們認為|我認為|窃以为"),
        ("opinion.frank", "不得不说|毋庸置疑|毋庸讳言|说实话|坦率地说|老实说|平心而论|不可否认|归根结底|说到底"),
        ("opinion.column", "评论员|社论|时评|仅代表作者|仅代表个人|不代表本(?:报|站|网|平台)|专栏作者|专栏作家"),
        ("opinion.ought", "值得(?:反思|深思|警惕|我们)|令人(?:愤怒|遗憾|失望|震惊|痛心)|难道[^\n]{0,60}(?:吗|？)|我们(?:应该|应当|必须|不能)"),
        ("opinion.think.en", "(?i)in my (?:humble )?(?:opinion|view)|i (?:firmly |strongly |really |don't |do not )?(?:think|believe|suspect) |i would argue|if you ask me"),
        ("opinion.column.en", "(?i)op-ed|editorial board|opinion column|letter to the editor|(?:views|opinions) expressed"),
        ("opinion.frank.en", "(?i)(?:frankly|honestly|to be honest|make no mistake|let's face it|let us be clear|the truth is|the fact is|of course)[,: ]"),
        ("opinion.ought.en", "(?i)shameful|outrageous|disgraceful|ridiculous|absurd|it is time (?:for|to|that)|we (?:must|should|ought to|need to) "),
        ("promotional.act", "(?:立即|马上|赶快|点击|抓紧)(?:购买|抢购|咨询|报名|下单|订购|领取)|欢迎(?:咨询|选购|订购|来电|光临|垂询)"),
        ("promotional.price", "优惠价|特价|折扣|满减|包邮|低至|限时|秒杀|优惠券|促销|批发价"),
        ("promotional.call", "咨询热线|服务热线|订购热线|加微信|客服电话|全国统一热线|联系电话"),
        ("promotional.praise", "厂家直销|专业生产|品质保证|质优价廉|实力雄厚|行业领先|深受(?:广大)?(?:客户|用户|消费者)|竭诚为|我公司|我司"),
        ("promotional.act.en", "(?i)buy now|add to cart|(?:order|shop|book|sign up|call us|call|contact us) (?:now|today)|free quote|request a quote|contact us|visit our"),
        ("promotional.price.en", "(?i)free shipping|money-back|limited[- ]time|[0-9]% off|discount|best price|special offer|coupon|in stock|affordable"),
        ("promotional.praise.en", "(?i)award-winning|industry-leading|world-class|state-of-the-art|(?:top|high|best|highest|premium)[- ]quality|one-stop|leading (?:provider|supplier|manufacturer)|stunning|luxur|perfect for|ideal for"),
        ("promotional.we.en", "(?i)we (?:offer|provide|specialize|are proud|pride|stand behind|can help)|our (?:company|team|services|products?|customers|clients|range|collection|store|experts|staff|prices)"),
        ("promotional.you.en", "(?i)your (?:home|business|needs|budget|order|company|next|new)|you(?:'ll| will) (?:love|find|enjoy|get)|looking for (?:a|the|an) "),
        ("user-generated.talk", "哈哈|呵呵|楼主|亲们|求助|求推荐|有木有|么么哒|吐槽|大神|谢谢分享"),
        ("user-generated.home", "我(?:家|老公|老婆|妈妈|爸爸|儿子|女儿|男朋友|女朋友|同学|朋友)|我(?:今天|昨天|刚刚|前几天|买了|去了)"),
        ("user-generated.page", "发表于|点赞|网友|匿名用户|回帖|沙发|[0-9]楼"),
        ("user-generated.talk.en", r"(?i)(?:^|[^a-z\n])(?:lol|haha+|btw|imho|omg|thanks for sharing|any advice|has anyone|anyone else)[^a-z\n]"),
        ("user-generated.home.en", r"(?i)(?:^|[^a-z\n])my (?:husband|wife|mom|mum|dad|kids|son|daughter|boyfriend|girlfriend|friends?|blog|house)[^a-z\n]"),
        ("user-generated.me.en", r"(?:^|[^A-Za-z\n])(?:I've|I'm|I’ve|I’m|I had|I got|I went|I bought|I love|I was|I wanted) "),
        ("user-generated.page.en", "(?i)posted by|leave a comment|last edited|wrote:|originally posted|upvote|joined: "),
    )
)  # fmt: skip
_FIVE: Final = (REFERENCE, REPORTING, OPINION, PROMOTIONAL, USERS)
_BITS: Final = tuple(np.uint64(CUES.mask(f"{manner}.")) for manner in _FIVE)
_COLUMNS: Final = re.compile(
    r"/(?:opinion|opinions|commentary|comment|editorial|editorials|op-ed|columnists?|pinglun|guandian|shiping)/|//(?:opinion|pinglun|guandian)\.",
    re.IGNORECASE,
)
"""In addresses of opinion pieces, which stand on the sites of newspapers."""

Codes = npt.NDArray[np.int8]
_CODE: Final = {manner: number for number, manner in enumerate(MANNERS)}
_BY_KIND: Final = np.array([_CODE[_OF_KIND[kind]] for kind in KINDS], np.int8)
_MAY_BE_OPINION: Final = np.array([kind in ("news", "forum", "social", "other", "unknown") for kind in KINDS], np.bool_)
_UNTOLD: Final = np.array([kind in ("other", "unknown") for kind in KINDS], np.bool_)


def manners_of(kinds: Codes, text: pa.Array, url: pa.Array) -> tuple[Codes, npt.NDArray[np.bool_]]:
    """(int8[n]: the place in MANNERS; bool[n]: told by cues of this file). *kinds*: places in KINDS.

    *text*, *url*: String or LargeString, slices and nulls are fine.
    """
    many = _cues(text)
    most = many.argmax(axis=1)
    is_told = (many.max(axis=1, initial=0) >= LEAST_CUES) & (
        (many == many.max(axis=1, keepdims=True, initial=0)).sum(axis=1) == 1
    )
    said = np.array([_CODE[manner] for manner in _FIVE], np.int8)[most]
    by_cues = is_told & (_UNTOLD[kinds] | (_MAY_BE_OPINION[kinds] & (said == _CODE[OPINION])))
    found = np.where(by_cues, said, _BY_KIND[kinds]).astype(np.int8)
    if url.null_count < len(url):
        column = _MAY_BE_OPINION[kinds] & np.array([bool(_COLUMNS.search(one or "")) for one in url.to_pylist()])
        found, by_cues = np.where(column, np.int8(_CODE[OPINION]), found), by_cues | column
    return found, by_cues


def manner_of_kind(kind: str) -> str:
    """The manner of a kind of content as such."""
    return _OF_KIND[kind]


def _cues(text: pa.Array) -> npt.NDArray[np.int64]:
    """int64[n, 5]: how many different cues of each manner the head of each row holds."""
    any_of = np.zeros(len(text), np.uint64)
    hits = scan(pc.utf8_slice_codeunits(pc.fill_null(text, ""), 0, HEAD), CUES)
    np.bitwise_or.at(any_of, hits.row, hits.patterns)
    return np.stack([np.bitwise_count(any_of & bits).astype(np.int64) for bits in _BITS], axis=1)
