r"""The vocabulary of both notations: what each LaTeX command and each character is, as a terminal and as an item.

In: nothing. Out: `COMMANDS` (`\alpha` → entry) and `SYMBOLS` (character or operator → entry); an entry is (terminal of the
grammar, kind of the item, text of the item). `UNICODE` maps a command to the character that stands for it.
No mathematics is decided here.
"""

from __future__ import annotations

__all__ = ["ACCENT_WORDS", "COMMANDS", "ENVIRONMENTS", "FUNCTION_WORDS", "MATH_ENVIRONMENTS", "SYMBOLS", "UNDERSCORED", "UNICODE", "Entry"]

Entry = tuple[str, str, str]

# Names: command, character. The text of the item is the command's word unless a third part says otherwise.
_NAMES = """
alpha α|beta β|gamma γ|delta δ|epsilon ε|varepsilon ϵ|zeta ζ|eta η|theta θ|vartheta ϑ|iota ι|kappa κ|varkappa ϰ|lambda λ|mu μ|nu ν|xi ξ
omicron ο|pi π|varpi ϖ|rho ρ|varrho ϱ|sigma σ|varsigma ς|tau τ|upsilon υ|phi φ|varphi ϕ|chi χ|psi ψ|omega ω
Alpha Α|Beta Β|Gamma Γ|Delta Δ|Epsilon Ε|Zeta Ζ|Eta Η|Theta Θ|Iota Ι|Kappa Κ|Lambda Λ|Mu Μ|Nu Ν|Xi Ξ|Omicron Ο|Pi Π|Rho Ρ|Sigma Σ
Tau Τ|Upsilon Υ|Phi Φ|Chi Χ|Psi Ψ|Omega Ω|digamma ϝ
varGamma Γ Gamma|varDelta Δ Delta|varTheta Θ Theta|varLambda Λ Lambda|varXi Ξ Xi|varPi Π Pi|varSigma Σ Sigma|varPhi Φ Phi
varPsi Ψ Psi|varOmega Ω Omega|upmu μ mu|uppi π pi|upsigma σ sigma
ell ℓ|hbar ℏ|hslash ℏ hbar|infty ∞|emptyset ∅|varnothing ∅ emptyset|aleph ℵ|wp ℘|imath ı|jmath ȷ|eth ð|beth ℶ
""".replace("\n", "|")

# Operators: the text of the item, then every command and every character (or run of characters) that makes it.
_OPERATORS = r"""
+       + ＋
-       - − – — ﹣ －
*       \ast * ∗ ＊
/       \div / ÷ ∕ ⁄
=       = == ＝ \doteq
!=      \ne \neq \not= != ≠ /=
<       \lt < \not\ge \not\geq
>       \gt > \not\le \not\leq
<=      \le \leq \leqslant \leqq <= ≤ ⩽ ≦ \not>
>=      \ge \geq \geqslant \geqq >= ≥ ⩾ ≧ \not<
<<      \ll << ≪ \lll
>>      \gg >> ≫ \ggg
:=      \coloneqq \coloneq \triangleq \defeq \eqdef \vcentcolon= := ≔ ≜ ≝
<-      \gets \leftarrow \longleftarrow <- ←
->      \to \rightarrow \longrightarrow -> → ⟶
=>      \implies \Rightarrow \Longrightarrow => ==> ⇒ ⟹
<=>     \iff \Leftrightarrow \Longleftrightarrow <=> <-> ⇔ ⟺ ↔ \leftrightarrow
~       \sim ~ ∼ ～
,       , ， 、
;       ; ；
:       \colon : ： ∶
.       \cdotp .
!       ! ！
?       ?
&       \&
%       \% %
@       @
_       \_
∝       \propto \varpropto ∝
≈       \approx \thickapprox ≈
≡       \equiv ≡
≅       \cong \simeq ≅ ≃
in      \in \isin ∈
notin   \notin \not\in \not∈ ∉
ni      \ni \owns ∋
subset  \subset \subseteq \subseteqq ⊂ ⊆
notsubset \not\subset \not\subseteq \nsubseteq \not⊂ ⊄ ⊈
supset  \supset \supseteq ⊃ ⊇
cup     \cup ∪
cap     \cap ∩
setminus \setminus \smallsetminus \backslash ∖
and     \land \wedge ∧
or      \lor \vee ∨
not     \neg \lnot ¬
forall  \forall ∀
exists  \exists ∃
cdot    \cdot \centerdot · ⋅ ∙ • \bullet
times   \times × ⨯
odot    \odot ⊙
oplus   \oplus ⊕
ominus  \ominus ⊖
otimes  \otimes ⊗
oslash  \oslash ⊘
circ    \circ ∘
.*      .*
./      ./
.^      .^
pm      \pm ±
mp      \mp ∓
perp    \perp \indep \independent \bot \upmodels ⊥ ⫫ ⟂
notperp \not\perp \nindep
mapsto  \mapsto \longmapsto ↦ ⟼
succ    \succ ≻
succeq  \succeq \succcurlyeq ⪰ ≽ ≿
prec    \prec ≺
preceq  \preceq \preccurlyeq ⪯ ≼ ≾
circledast \circledast ⊛
star    \star ⋆ ★
dagger  \dagger † \ddagger
top     \top \intercal \transpose \T ⊤ ⊺ .T
prime   \prime
mod     \bmod \mod
down    \downarrow \searrow ↓
up      \uparrow \nearrow ↑
therefore \therefore ∴
because \because ∵
models  \models \vdash ⊨ ⊢
vartriangle \triangle △
join    \bowtie ⋈
ltimes  \ltimes ⋉
notsim  \not\sim \nsim ≁
lesssim \lesssim ≲
gtrsim  \gtrsim ≳
asymp   \asymp ≍
square  \square \Box □
"""

_BIG = r"""
sum \sum ∑|prod \prod ∏|coprod \coprod ∐|int \int ∫|iint \iint ∬|iiint \iiint ∭|oint \oint ∮|bigcup \bigcup ⋃|bigcap \bigcap ⋂
bigoplus \bigoplus ⨁|bigotimes \bigotimes ⨂|bigodot \bigodot ⨀|bigvee \bigvee ⋁|bigwedge \bigwedge ⋀
lim \lim|limsup \limsup \varlimsup|liminf \liminf \varliminf|max \max|min \min|sup \sup|inf \inf|argmax \argmax|argmin \argmin
""".replace("\n", "|")

# Functions that are commands of LaTeX, of its packages, or macros that papers define for themselves.
_FUNCTIONS = """
sin cos tan cot sec csc arcsin arccos arctan arccot sinh cosh tanh coth sech csch arcsinh arccosh arctanh arsinh arcosh artanh
exp log ln lg det gcd deg dim ker hom arg tr Tr trace diag Diag rank rk sign sgn erf erfc logit sigmoid softmax softplus relu ReLU
sigm logsumexp logdet Var Cov Corr Bias MSE KL ELBO Pr vectorize vech diagm blkdiag proj prox conv span Span null Null supp dist
mean std clip floor round
""".split()

# Terminals that take arguments: terminal, then command=text of the item.
_STRUCTURE = r"""
FRAC     \frac=frac \dfrac=frac \tfrac=frac \cfrac=frac \nicefrac=frac \sfrac=frac \flatfrac=frac
FRAC     \binom=binom \dbinom=binom \tbinom=binom
SQRT     \sqrt=
ACCENT   \hat=hat \widehat=hat \bar=bar \overline=bar \tilde=tilde \widetilde=tilde \vec=vec \overrightarrow=vec \dot=dot \ddot=ddot
ACCENT   \dddot=dddot \check=check \widecheck=check \breve=breve \acute=acute \grave=grave \mathring=ring \underline=underline \vect=vec
ACCENT   \underbar=underline \utilde=utilde
FONT     \mathbf=bf \textbf=bf \vb=bf \boldsymbol=bs \bm=bs \pmb=bs \bold=bf \mathbfit=bs \mathrm=rm \mathnormal=it \mathit=it
FONT     \mathcal=cal \mathbb=bb \mathbbm=bb \mathds=bb \mathsf=sf \mathtt=tt \mathfrak=frak \mathscr=scr \mathbfcal=cal \mathup=rm
FONT     \symbf=bf \symbb=bb \symcal=cal \symrm=rm
OPERATOR \operatorname= \operatorname*= \operatornamewithlimits= \mathoperator=
STACK    \overset=over \stackrel=over \underset=under
BRACE    \underbrace= \overbrace= \underbracket= \overbracket=
WRAP     \mathop= \mathrel= \mathbin= \mathord= \mathopen= \mathclose= \mathpunct= \mathinner= \boxed= \fbox= \ensuremath= \smash=
WRAP     \substack= \cancel= \mathllap= \mathrlap= \mathclap=
ARROW    \xrightarrow=-> \xleftarrow=<- \xmapsto=mapsto
NORM     \norm=‖‖ \abs=|| \card=|| \ceil=⌈⌉ \floor=⌊⌋ \paren=() \set=\{\} \Norm=‖‖ \Abs=|| \pqty=() \bqty=[] \qty=()
RATIO    \dv=d \odv=d \pdv=partial \derivative=d \diffp=partial
OVER     \over=frac \choose=binom \atop=atop
SWITCH   \bf=bf \boldmath=bs \rm=rm \cal=cal \it=it \sf=sf \tt=tt \mit=it \bfseries=bf \itshape=it
OPEN     \lbrace={ \{={ \langle=< \lfloor=⌊ \lceil=⌈ \lvert=| \lVert=‖ \lparen=( \llbracket=⟦
CLOSE    \rbrace=} \}=} \rangle=> \rfloor=⌋ \rceil=⌉ \rvert=| \rVert=‖ \rparen=) \rrbracket=⟧
LSQB     \lbrack=[
RSQB     \rbrack=]
SUB      \sb=_
SUP      \sp=^
NEWLINE  \\= \newline= \cr=
"""

_CHARACTERS = r"""
OPEN     (=( （=( ⟨=< 〈=< ⌊=⌊ ⌈=⌈ ⟦=⟦
CLOSE    )=) ）=) ⟩=> 〉=> ⌋=⌋ ⌉=⌉ ⟧=⟧
LSQB     [=[ ［=[
RSQB     ]=] ］=]
LBRACE   {={ ｛={
RBRACE   }=} ｝=}
SUB      _=_ ＿=_
SUP      ^=^ ＾=^
POW      **=^
PRIME    '=1 ’=1 ′=1 ″=2 ‴=3 ⁗=4 ʹ=1 `=0
TRANSPOSED .T=
AMP      &
RADICAL  √=2 ∛=3 ∜=4
"""

# Commands that change nothing in what is meant: spaces, sizes, styles, places of limits, delimiters of mathematics.
_DROPPED = r"""
\quad \qquad \enspace \thinspace \medspace \thickspace \negthinspace \, \; \: \! \> \( \) \[ \] \limits \nolimits \displaylimits
\displaystyle \textstyle \scriptstyle \scriptscriptstyle \nonumber \notag \hline \big \Big \bigg \Bigg \bigl \bigr \bigm \Bigl \Bigr
\Bigm \biggl \biggr \biggm \Biggl \Biggr \Biggm \hfill \hfil \noindent \par \allowbreak \nobreak \break \mathstrut \strut \null
\centering \small \large \normalsize \newpage \qed \qedhere \eqno \smallskip \medskip \bigskip \blacksquare \/ \- \relax \protect \toprule
\midrule \bottomrule \xspace \unskip \/ \,
"""

# Single letters in another alphabet, and the macros that stand for them: font, letter, commands, characters.
_LETTERS = r"""
bb R \R \Reals \reals \RR ℝ|bb N \N \NN \naturals ℕ|bb Z \Z \ZZ \integers ℤ|bb Q \Q \QQ ℚ|bb C \C \CC \Complex ℂ|bb P \PP ℙ|bb E \E \EE
bb S \SS|bb F \F|bb H ℍ|bb 1 \1 \ind \indicator \One \one 𝟙|cal N \Normal|cal L \L \Lcal \loss ℒ|cal F ℱ|cal H ℋ|cal I ℐ|cal E ℰ|cal B ℬ
cal M ℳ|cal R ℛ|frak C ℭ|frak H ℌ|frak Z ℨ|rm d \dd \diff \d ⅆ|rm e ⅇ|rm i ⅈ|bf 0 \0|bf 1 \bone
""".replace("\n", "|")

ACCENT_WORDS = frozenset({"hat", "bar", "tilde", "vec", "dot", "ddot", "star", "prime"})

# Functions whose own spelling has an underscore; a test holds this against the table of functions.
UNDERSCORED = frozenset(
    "log_sigmoid leaky_relu gelu_tanh GELU_tanh hard_sigmoid hard_tanh hard_swish log_softmax log_sum_exp log_det layer_norm one_hot "
    "stop_grad stop_gradient student_quantile chisquared_quantile student_cdf gamma_cdf gamma_tail beta_cdf normal_cdf normal_pdf "
    "matrix_exp matrix_log kappa_cond".split()
)

# Environments: what the item is called. Those of MATH_ENVIRONMENTS only say that there is mathematics inside.
ENVIRONMENTS = {
    **{name: name for name in ("matrix", "pmatrix", "bmatrix", "vmatrix", "Vmatrix", "Bmatrix", "array", "cases", "aligned")},
    **dict.fromkeys(("dcases", "rcases", "drcases", "numcases"), "cases"),
    "smallmatrix": "matrix",
    "psmallmatrix": "pmatrix",
    "bsmallmatrix": "bmatrix",
    "vsmallmatrix": "vmatrix",
    **{f"{name}*": name for name in ("matrix", "pmatrix", "bmatrix", "vmatrix", "Vmatrix", "Bmatrix", "cases")},
    **dict.fromkeys(("dcases*", "rcases*"), "cases"),
    **dict.fromkeys(("align", "align*", "alignat", "alignat*", "alignedat", "flalign", "flalign*", "gather", "gather*"), "aligned"),
    **dict.fromkeys(("gathered", "split", "multline", "multline*", "multlined", "eqnarray", "eqnarray*"), "aligned"),
    "subarray": "array",
}
MATH_ENVIRONMENTS = frozenset({"equation", "equation*", "math", "displaymath", "dmath", "dmath*", "subequations", "empheq", "document"})


def _fields(table: str) -> list[list[str]]:
    return [line.split() for line in table.split("|") if line.strip()]


def _build() -> tuple[dict[str, Entry], dict[str, Entry], dict[str, str]]:
    commands: dict[str, Entry] = {}
    symbols: dict[str, Entry] = {}
    unicode: dict[str, str] = {}
    for word, character, *text in _fields(_NAMES):
        entry = ("ATOM", "name", text[0] if text else word)
        commands["\\" + word] = entry
        symbols.setdefault(character, entry)
        unicode["\\" + word] = character
    for line in _OPERATORS.strip().splitlines():
        operator, *spellings = line.split()
        entry = ("ATOM", "op", operator)
        character = next((s for s in spellings if len(s) == 1 and not s.isascii()), "")
        for spelling in spellings:
            (commands if spelling[0] == "\\" else symbols)[spelling] = entry
            if character and spelling[0] == "\\" and spelling[1:].isalpha():
                unicode[spelling] = character
    for word, *spellings in _fields(_BIG):
        entry = ("ATOM", "big", word)
        commands[spellings[0]] = entry
        for spelling in spellings[1:]:
            (commands if spelling[0] == "\\" else symbols)[spelling] = entry
            if spelling[0] != "\\":
                unicode[spellings[0]] = spelling
    for word in _FUNCTIONS:
        commands["\\" + word] = ("ATOM", "function", word)
    commands["\\Re"] = ("ATOM", "function", "Re")
    commands["\\Im"] = ("ATOM", "function", "Im")
    for table, target in ((_STRUCTURE, commands), (_CHARACTERS, symbols)):
        for line in table.strip().splitlines():
            terminal, *spellings = line.split()
            for spelling in spellings:
                word, _, meaning = spelling.partition("=")
                target[word] = (terminal, "", meaning.replace("\\", ""))
    for font, letter, *spellings in _fields(_LETTERS):
        for spelling in spellings:
            (commands if spelling[0] == "\\" else symbols)[spelling] = ("ATOM", "font", f"{font} {letter}")
            if spelling[0] != "\\":
                unicode[rf"\math{font}{{{letter}}}"] = spelling
    for word in _DROPPED.split():
        commands[word] = ("SKIP", "", "")
    _special(commands, symbols, unicode)
    return commands, symbols, unicode


def _special(commands: dict[str, Entry], symbols: dict[str, Entry], unicode: dict[str, str]) -> None:
    """The few that are neither name nor operator nor structure."""
    for word, kind, text, character in (
        ("nabla", "nabla", "", "∇"),
        ("grad", "nabla", "", ""),
        ("partial", "partial", "", "∂"),
        ("mid", "bar", "mid", ""),
        ("given", "bar", "mid", ""),
        ("vert", "bar", "|", ""),
        ("Vert", "bar", "‖", "‖"),
        ("parallel", "bar", "‖", "∥"),
        ("degree", "degree", "", "°"),
        ("ldots", "dots", "", "…"),
        ("cdots", "dots", "", "⋯"),
        ("vdots", "dots", "", "⋮"),
        ("ddots", "dots", "", "⋱"),
    ):
        commands["\\" + word] = ("ATOM", kind, text)
        if character:
            symbols[character] = ("ATOM", kind, text)
            unicode["\\" + word] = character
    for word in ("dots", "dotsc", "dotsb", "dotsm", "dotsi", "dotso", "mathellipsis"):
        commands["\\" + word] = ("ATOM", "dots", "")
    symbols["||"] = ("ATOM", "bar", "||")
    commands["\\|"] = symbols["‖"] = symbols["∥"] = ("ATOM", "bar", "‖")
    symbols["|"] = symbols["｜"] = symbols["∣"] = symbols["❘"] = ("ATOM", "bar", "|")
    symbols["..."] = symbols[".."] = ("ATOM", "dots", "")
    symbols["∆"] = ("ATOM", "name", "Delta")
    symbols["µ"] = ("ATOM", "name", "mu")
    for word, text in (("$", "$"), ("#", "#")):
        commands["\\" + word] = ("ATOM", "text", text)
    symbols["$"] = ("SKIP", "", "")
    for character, halves in (
        ("½", "1 2"),
        ("⅓", "1 3"),
        ("⅔", "2 3"),
        ("¼", "1 4"),
        ("¾", "3 4"),
        ("⅕", "1 5"),
        ("⅙", "1 6"),
        ("⅛", "1 8"),
    ):
        symbols[character] = ("ATOM", "frac", halves)
    commands["\\iid"] = ("ATOM", "text", "iid")
    commands["\\st"] = commands["\\suchthat"] = ("ATOM", "text", "s.t.")
    commands["\\where"] = ("ATOM", "text", "where")


COMMANDS, SYMBOLS, UNICODE = _build()

# Words that are coloured as functions where nobody says which functions there are.
FUNCTION_WORDS = frozenset("sqrt abs max min sum prod lim gelu elu selu swish silu".split()) | frozenset(_FUNCTIONS) | UNDERSCORED
