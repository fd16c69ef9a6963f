/// Words too common to say what a comment is about.
///
/// Negations are among them, as is usual; words of judgement (good, like, einfach, плохо) are not, for they are what a
/// list of frequent words is read for. Written as ``WordList`` writes words: lowercase, е for ё; German also with ae,
/// oe, ue.
package enum StopWords {
    /// The stop words of `language`, parts of addresses (https, www, com) among them, sorted by code point.
    package static func words(of language: Language) -> [String] {
        (split(list(of: language)) + split(addresses)).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// The languages in which `word` is a stop word.
    package static func languages(of word: String) -> Languages {
        var word = word
        return word.withUTF8 { index.languages[Int(index.numbers.number(of: $0))] }
    }

    /// Every stop word's number, and per number its languages; number 0 stands for all other words.
    private static let index: (numbers: StemTable, languages: [Languages]) = {
        var numbers = StemTable()
        var languages: [Languages] = [[]]
        for language in Language.allCases {
            for var word in words(of: language) {
                let number = Int(word.withUTF8 { numbers.insert($0) })
                if number == languages.count { languages.append([]) }
                languages[number].insert(language.single)
            }
        }
        return (numbers, languages)
    }()

    private static func list(of language: Language) -> String {
        switch language {
        case .english: english
        case .german: german
        case .russian: russian
        }
    }

    private static func split(_ list: String) -> [String] { list.split { $0.isWhitespace }.map(String.init) }

    /// Parts of addresses, common in every language.
    private static let addresses = "http https www com net org html"

    private static let english = """
        a about above after again against all also although always am an and another any anyone anything are aren't
        around as at away be became because become been before behind being below between both but by came can can't
        cannot come could couldn't did didn't do does doesn't doing don't done due during each either else enough even
        ever every everyone everything few for from further get gets getting give given go goes going gone got had
        hadn't has hasn't have haven't having he he'd he'll he's her here here's hers herself him himself his how how's
        however i i'd i'll i'm i've if in instead into is isn't it it'd it'll it's its itself just let let's made make
        makes making many may maybe me might mine more most much must mustn't my myself near neither never no none nor
        not nothing now of off often on once one ones only onto or other others otherwise ought our ours ourselves out
        over own per perhaps please put quite rather really said same say says see seem seems several shall shan't she
        she'd she'll she's should shouldn't since so some someone something sometimes still such take than that that's
        the their theirs them themselves then there there's therefore these they they'd they'll they're they've thing
        things this those though through thus till to together too took towards under unless until up upon us used very
        via was wasn't we we'd we'll we're we've went were weren't what what's whatever when when's where where's
        whether which while who who's whole whom whose why why's will with within without won't would wouldn't yet you
        you'd you'll you're you've your yours yourself yourselves
        """

    private static let german = """
        ab aber alle allem allen aller alles als also am an ander andere anderem anderen anderer anderes anders auch auf
        aus außer ausser außerdem ausserdem bei beide beiden beim bereits bevor bin bis bisher bist bitte da dabei
        dadurch dafür dafuer dagegen daher dahin damals damit danach daneben dann daran darauf daraus darf darin darüber
        darueber darum darunter das dass daß davon davor dazu dein deine deinem deinen deiner deines dem demnach den
        denen denn dennoch der deren derselbe des deshalb dessen deswegen dich die dies diese dieselbe diesem diesen
        dieser dieses dir doch dort du durch dürfen duerfen eben ebenfalls ebenso eher ein eine einem einen einer eines
        einige einigem einigen einiger einiges einmal er erst es etwa etwas euch euer eure eurem euren eurer falls für
        fuer gab gar geben gegen gehabt gemacht gerade gern gewesen geworden gibt ging habe haben halt hat hatte hatten
        hattest hier hin hinter hätte haette hätten haetten ich ihm ihn ihnen ihr ihre ihrem ihren ihrer ihres im immer
        in indem ins inzwischen irgendwie ist ja je jede jedem jeden jeder jedes jedoch jemand jene jenem jenen jener
        jenes jetzt kam kann kannst kaum kein keine keinem keinen keiner keines kommen kommt können koennen könnte
        koennte könnten koennten konnte konnten lassen ließ machen macht man manche manchem manchen mancher manches mehr
        mein meine meinem meinen meiner meines mich mir mit mochte möchte moechte mögen muss müssen muessen musste
        mussten nach nachdem nein nicht nichts nie niemand noch nun nur ob oben oder oft ohne per schon sehr seid sein
        seine seinem seinen seiner seines seit seitdem selbst sich sie sind so sobald sogar solche solchem solchen
        solcher solches soll sollen sollte sollten sondern sonst sowie soweit statt trotz trotzdem über ueber um und uns
        unser unsere unserem unseren unserer unter viel viele vielen vieler vielleicht vom von vor vorher wann war waren
        warst warum was weg wegen weil weiter welche welchem welchen welcher welches wenn wer werde werden weshalb wie
        wieder wieso will wir wird wirklich wirst wo wobei wodurch woher wohin wohl wollen wollte wollten womit worden
        wurde wurden während waehrend wäre waere wären waeren würde wuerde würden wuerden zu zum zur zwar zwischen
        """

    private static let russian = """
        а без более больше будет будете будем буду будут будто бы был была были было быть в вам вами вас ваш ваша ваше
        ваши вашего вашей ведь весь вдруг во вообще вот впрочем все всегда всего всей всем всеми всех всю таки вы где да
        давай даже для до довольно другая другие других другой его ее ей ему если есть еще же за зачем здесь и из из-за
        из-под или им ими иногда их к каждая каждое каждый как какая какие каким какими каких какое какой какую когда
        когда-то кого кое ком кому конечно которая которого которое которой котором которому которую которые которым
        которых который кроме кто кто-то куда ли либо лишь между меня мне много мной мною мог могла могли могу могут
        может можно мои моего моей моем моему моих мой моя мое мою мы на над надо наконец нам нами нас наш наша наше
        нашего нашей нашем наши них не него нее ней нельзя нем нему несколько нет неужели ни нибудь никак никакой
        никогда никто ним ними ничего ничто но ну нужно о об один одна однако одни одно одной оно он она они опять от
        отчего очень перед по под пока после потом потому поэтому почему почти при про просто пусть раз разве с сам сама
        сами само самого самый самая самое самые своего своей своем свои своим своими своих свой свою своя себе себя
        сегодня сейчас сказал сказала сказали со совсем стал стала стали стало столько сюда та так такая также такие
        таких такого такое такой такую там те тебе тебя тем теми теперь тех то тобой тогда того тоже той только том тому
        тот тут ты у уж уже хотя хоть хотел хотела хотели хочу чего чего-то чем через что чтоб чтобы что-то чуть эта эти
        этим этими этих это этого этой этом этому этот эту я является
        """
}
