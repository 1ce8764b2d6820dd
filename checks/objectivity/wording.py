"""Wording that texts of one manner hold, line by line: expressions, and how much one counts.

Made by hand in view of the development half of a judged set (docs/how-to/authenticity.md), of no standard, in Chinese and
English. A text has a cue or has it not, however often.
"""

from typing import Final

from checks.triggers import PatternSet

_WEIGHED: Final[tuple[tuple[str, int, str], ...]] = (
    ("reference.says", 2, "是指|又称|亦称|又名|简称|別稱|别名|定义为|指的是|拼音：|英文：|学名|）(?:，|是|为)"),
    ("reference.born", 2, r"(?:出生|生|位|座落|坐落)(?:于|於)|(?:隶属|属)(?:于|於)|是(?:一种|一個|一个|一所|一位|一名|一间)|是[^\n]{1,40}(?:科|属|县|镇|河流|术语|分支|植物|国王)|始建于|成立于|创立"),
    ("reference.law", 3, "第(?:一|二|三|四|五|六|七|八|九|十|百){1,5}条|本法|制定本(?:法|条例|规定|办法)"),
    ("reference.part", 2, r"^[ \t=#]*(?:参考文献|参考资料|外部链接|参见|目录|注释)"),
    ("reference.howto", 1, "步骤|方法如下|如何|可以使用|注意事项"),
    ("reference.says.en", 1, "(?i)refers to|is defined as|also known as|abbreviated as|is the name of|derived from|is credited with|the term "),
    ("reference.born.en", 2,
        "(?i)was born (?:in|on|at)|is an? (?:[a-z-]+ )?(?:species|genus|village|town|municipality|commune|river|family|"
        "district|type|form|city|island|capital|kingdom|protein|disease|process|method) (?:of|in|that)|is the (?:capital|"
        "largest|second)"),
    ("reference.part.en", 2, r"^[ \t=#]*(?:References|See also|External links|Bibliography|Further reading|Etymology|Abstract|Introduction)"),
    ("reference.howto.en", 1, "(?i)step [0-9]|^(?:first|next|then|finally),|in this (?:article|tutorial|guide|post|lesson)|ingredients|stir |it is important to|learn more about how"),
    ("reference.years.en", 1, "(?:in|since|from|of|until|by|between|June|July|May|March|April|January|February|August|September|October|November|December),? (?:1[0-9]{3})"),
    ("reference.century.en", 1,
        "(?i)[0-9]{1,2}th century|centuries|ancient|originally|throughout history|historic(?:al|ally)|traditionally|"
        "in the (?:early|late|mid) (?:1[0-9]{3}|[0-9]+th)"),
    ("reference.study.en", 1,
        "(?i)(?:study|studies|research|researchers|analysis) (?:shows?|suggests?|indicates?|of|that|have|has|found|on)|"
        "patients|symptoms|clinical|hypothesis|in vitro|species|et al"),
    ("reference.explain.en", 1,
        "(?i)for example|such as|in other words|in general|in most cases|usually|typically|commonly|therefore|as a result|"
        "consists? of|depends? on|is based on|is caused by|can be used"),
    ("reporting.who", 2, "(?:本报|本台|见习|新华社|特约)?记者|通讯员|新闻发言人|发布会"),
    ("reporting.says", 2, r"(?:表示|指出|强调|透露|宣布|介绍)(?:，|：|说)|据[^\n]{2,40}(?:报道|消息|介绍|统计)|日电"),
    ("reporting.when", 1, "(?:昨日|今日|日前|近日|当地时间)(?:，|获悉|上午|下午|[0-9])|[0-9]{1,2}日(?:上午|下午|晚|电)"),
    ("reporting.says.en", 2,
        r"(?i)\b(?:he|she|officials?|police|company|minister|president|ceo|professor)\b[^\n.]{0,30} (?:said|says|told|"
        r'explained)\b|said (?:on |in a |today|monday|tuesday|wednesday|thursday|friday|saturday|sunday)|(?:”|") (?:he|she|'
        '[A-Z][a-z]+ [A-Z][a-z]+) (?:said|says|added)|,(?:”|") ?(?:said|says)'),
    ("reporting.who.en", 2,
        "(?i)told reporters|spokes(?:man|woman|person)|in a statement|released (?:a|an|its) |(?:new|according to (?:a|"
        r"the)) report|press release|newswire|reuters|associated press|\((?:ap|afp|cnn|upi|xinhua)\)"),
    ("reporting.when.en", 1,
        "(?i)(?:last|this|on) (?:monday|tuesday|wednesday|thursday|friday|saturday|sunday|week|month)|yesterday|last year|"
        "(?:years|days|weeks|months) ago|earlier this"),
    ("reporting.dateline.en", 3,
        r"^[A-Z][A-Z .,'-]{3,40}(?:, [A-Z][A-Za-z. ]{2,20})?(?:, [A-Z][a-z]{2,8}\.? [0-9]{1,2}(?:, [0-9]{4})?)? ?(?:\([^)\n]{3,40}\) ?)(?:-|"
        "–|—|--)|^[A-Z]{4,20}, [A-Z][a-z.]{3,12} (?:–|—|--) "),
    ("reporting.announced.en", 1, "(?i)(?:today|has|have|recently) (?:announced|released|launched|revealed|unveiled)|announced (?:today|the|that|a|it)|debut|according to"),
    ("reporting.sport.en", 1,
        "(?i)(?:season|match|game|league|championship|tournament|coach|scored|wicket|innings|quarterback|midfielder|"
        r"goal)\b[^\n]{0,200}(?:season|match|game|league|championship|tournament|coach|scored|wicket|innings|quarterback|"
        r"midfielder|goal)\b"),
    ("reporting.public.en", 1, r"(?i)(?:government|minister|senate|congress|federal|council|president|officials?|police|election|court|billion|million)\b"),
    ("opinion.think", 2, "我认为|我觉得|笔者认为|在我看来|依我看|我个人认为|本人认为|我們認為|我認為|窃以为"),
    ("opinion.frank", 2, "不得不说|毋庸置疑|毋庸讳言|说实话|坦率地说|老实说|平心而论|不可否认|归根结底|说到底"),
    ("opinion.column", 2, "评论员|社论|时评|仅代表作者|仅代表个人|不代表本(?:报|站|网|平台)|专栏作者|专栏作家"),
    ("opinion.ought", 1, r"值得(?:反思|深思|警惕|我们)|令人(?:愤怒|遗憾|失望|震惊|痛心)|难道[^\n]{0,60}(?:吗|？)|我们(?:应该|应当|必须|不能)"),
    ("opinion.think.en", 1, "(?i)in my (?:humble )?(?:opinion|view)|i (?:firmly |strongly |really |don't |do not )?(?:think|believe|suspect) |i would argue|if you ask me"),
    ("opinion.column.en", 3, "(?i)op-ed|editorial board|opinion column|letter to the editor|(?:views|opinions) expressed"),
    ("opinion.frank.en", 1, "(?i)(?:frankly|honestly|to be honest|make no mistake|let's face it|let us be clear|the truth is|the fact is|of course)[,: ]"),
    ("opinion.ought.en", 1,
        "(?i)shameful|outrageous|disgraceful|ridiculous|absurd|disheartening|it is time (?:for|to|that)|we (?:must|should|"
        "ought to|need to) |purports? to|hypocri|propaganda|aggressor"),
    ("promotional.act", 3, "(?:立即|马上|赶快|点击|抓紧)(?:购买|抢购|咨询|报名|下单|订购|领取)|欢迎(?:咨询|选购|订购|来电|光临|垂询)|免费咨询"),
    ("promotional.price", 1, "优惠|特价|折扣|满减|包邮|低至|限时|秒杀|促销|批发|定制|订购"),
    ("promotional.call", 2, "咨询热线|服务热线|订购热线|加微信|客服电话|全国统一热线|联系电话|电话(?:：|:)|传真|TEL(?:：|:)|手机(?:：|:)"),
    ("promotional.praise", 2, "厂家直销|专业生产|品质保证|质优价廉|实力雄厚|行业领先|深受(?:广大)?(?:客户|用户|消费者)|竭诚为|我公司|我司|有限公司"),
    ("promotional.pages", 2, "产品(?:中心|分类|展示|搜索)|企业公告|公司相册|加入收藏"),
    ("promotional.act.en", 2,
        "(?i)buy now|add to (?:cart|basket)|shop now|(?:order|book|call us|call|apply|register|contact us|visit us|bet|"
        "get yours|enroll|donate|download) (?:now|today|online|immediately)|free (?:quote|trial|estimate|consultation|shipping|"
        "delivery)|request a (?:quote|demo)|get in touch|feel free to (?:contact|call)|give us a call|don't miss|join us (?:to|"
        "for|at|as)|come (?:visit|join)|plac(?:e|ing) your order|look no further|proceed to checkout|please (?:contact|click|"
        "write)|is pleased to announce|limited[- ]time|learn more about our"),
    ("promotional.contact.en", 1, "(?i)contact us|sign up|visit our|click here|newsletter|free of charge|absolutely free|for more information"),
    ("promotional.price.en", 1,
        "(?i)money-back|[0-9]% (?:off|discount)|discount|(?:best|competitive|reasonable|aggressive|low|great) prices?|"
        r"special offer|coupon|in stock|affordable|\bcheap|msrp|savings|warranty|gift card|for sale|bonus|(?:from|only|at|just|"
        r"starting at) (?:\$|£|€|us \$)[ ]?[0-9]"),
    ("promotional.praise.en", 1,
        "(?i)award-winning|industry-leading|world-?class|state-of-the-art|(?:top|high|best|highest|premium|superior|"
        "top-notch)[- ]quality|one-stop|(?:leading|premier) (?:provider|supplier|manufacturer|source|destination)|stunning|"
        "luxur|(?:perfect|ideal|suitable) for|stylish|elegant|innovative|revolutionary|trusted|excellence|exceptional|"
        "unrivalled|unique(?:ly)? "),
    ("promotional.we.en", 2,
        r"(?i)we(?: also| currently|, at [^\n,]{2,30},?|, as)? (?:offer|provide|speciali[sz]e|are proud|pride|stand behind|"
        "can help|strive|know our|deliver|guarantee|manufacture|accept|were honou?red|work with you|are an? )|we at [A-Z]"),
    ("promotional.our.en", 1,
        "(?i)our (?:company|customers|clients|range|collection|store|experts|prices|menu|offerings|main office|shop|showroom|"
        "hidden|factory|technicians|trained|certified|professional|expert|wide|full|services?|products?|hotel|guests|online|"
        "classic|new)"),
    ("promotional.you.en", 1,
        "(?i)your (?:home|business|needs|budget|order|company|next|new|best|pet|property|website|room|project|event|style|own)|"
        "you(?:'ll| will) (?:love|find|enjoy|get|receive)|looking for (?:a|the|an) |whether you|if you(?:'re| are) (?:looking|"
        "interested|in the market)|if you need"),
    ("promotional.event.en", 1,
        "(?i)tickets|admission|will be (?:served|held)|just around the corner|reception|register (?:now|online|today|for)|"
        "giveaway|win a prize|reserve your|rsvp|seats are|appetizers"),
    ("promotional.goods.en", 1,
        "(?i)available in|comes with|designed (?:to|for|by)|made (?:of|from|with|to order)|features (?:a|an|the|both)|"
        r"(?:sizes?|lengths?|colou?rs?|models?)\b[^\n]{0,40}(?:available|range|options)|customi[sz]|full range|range of|"
        "equipped with|custom (?:gifts|made|design)|shipping|delivery|customers|clients|this (?:package|collection|item|piece|"
        "style)"),
    ("promotional.firm.en", 1,
        "(?i)specializ(?:es|ing)|speciali[sz]es in|(?:is|are) (?:a|an|the) (?:leading|premier|expert|professional|independent|"
        "fastest|only|one-stop)|satisfied customers|customer satisfaction|professional(?:s|ism)? |years of experience|(?:Ltd|"
        r"Inc|LLC|Pvt)\b|®|™|certified"),
    ("promotional.product.en", 1,
        r"(?i)\bproducts\b|high(?:est)? (?:possible )?quality|efficient|durable|lightweight|versatile|reliable|convenient|"
        r"easy(?:-| )to(?:-| )use|great gift|solutions?\b|seamless|cutting-edge|end-to-end|cloud-based|robust|square feet|"
        "leasing"),
    ("user-generated.talk", 2, r"哈哈|呵呵|楼主|亲们|求助|求推荐|有木有|么么哒|吐槽|大神|谢谢分享|傻逼|恶心|卧槽|牛逼|特么|他妈的|\[(?:捂嘴|发呆|允悲|笑哭|大笑|微笑|怒|泪|哭|doge)\]"),
    ("user-generated.home", 2, "我(?:家|老公|老婆|妈妈|爸爸|儿子|女儿|男朋友|女朋友|同学|朋友)|我(?:今天|昨天|刚刚|前几天|买了|去了)"),
    ("user-generated.page", 2, "发表于|点赞|网友|匿名用户|回帖|沙发|[0-9]楼"),
    ("user-generated.dots", 1, r"……|(?:？|！){2}|。。|(?:吧|啊|嘛|呢|呀|哦|啦|呗|咯)(?:，|。|！|？|\.|…| |$)"),
    ("user-generated.talk.en", 1,
        r"(?i)(?:^|[^a-z\n])(?:lol|haha+|btw|imho|omg|thanks for sharing|any advice|has anyone|anyone else|anybody else|hey|"
        r"hi there|dude|yeah|thanks|thank you so much|hello everyone|wow|oops|anyway)[^a-z\n]"),
    ("user-generated.home.en", 1,
        r"(?i)(?:^|[^a-z\n])my (?:husband|wife|mom|mum|mother|dad|kids|son|daughter|boyfriend|girlfriend|friends?|blog|house|"
        r"first|own|life|phone|mind|head|book|favorite|ambition)[^a-z\n]"),
    ("user-generated.me.en", 1,
        r"(?:^|[^A-Za-z\n])(?:I've|I'm|I’ve|I’m|I had|I got|I went|I bought|I love|I was|I wanted|I am|I just|I have|I did|"
        "I hope|I can't|I can’t|I don't|I like|I enjoyed|I needed|I think|I found|I saw|I know|I thought) "),
    ("user-generated.page.en", 2, "(?i)posted by|leave a comment|last edited|wrote:|originally posted|upvote|joined: |^re: |^by: [a-z0-9_]+ on |this entry was posted|days ago|reply"),
    ("user-generated.shout.en", 1, r"!!|\?\?|\?!|:\)|:-\)|:D|;\)|\.\.\.\."),
)  # fmt: skip
"""Manner and name, weight, expression."""
CUES: Final = PatternSet(tuple((name, expression) for name, _, expression in _WEIGHED))
WEIGHTS: Final = (1, 2, 3)


def bits_of(manner: str, weight: int) -> int:
    """The bits of the cues of a manner that count *weight*."""
    return sum(1 << at for at, (name, of, _) in enumerate(_WEIGHED) if of == weight and name.startswith(f"{manner}."))
