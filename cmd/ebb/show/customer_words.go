package show

import (
	"maps"
	"strings"

	"ebb/pipeline/churn"
)

// What `ebb customer` prints stands around reasons in churn.language, so it is in
// that language, too. Only notes to the operator are English, like logs.

// Frame are the words of `ebb customer`, for one language. Names in braces are
// places that say fills.
type Frame struct {
	language string // as churn knows it
	column   int    // of frames
	changes  map[string]string
}

// FrameOf is the frame of a language.
func FrameOf(language string) Frame {
	f := Frame{language: language, column: map[string]int{"pt": 1, "pt-PT": 1, "it": 2}[language]}
	if language == "pt-PT" {
		f.changes = EuropeanFrames()
	}

	return f
}

// Say is a phrase with its places filled: place, text, place, text.
func (f Frame) Say(phrase string, places ...string) string {
	text, changed := f.changes[phrase]
	if !changed {
		text = Frames()[phrase][f.column]
	}
	for i := 0; i < len(places); i += 2 {
		places[i] = "{" + places[i] + "}"
	}

	return strings.NewReplacer(places...).Replace(text)
}

func (f Frame) span(ms int64) string { return churn.SpanIn(f.language, ms) }

func (f Frame) exactly(ms int64) string { return churn.ExactlyIn(f.language, ms) }

// Frames are the phrases in English, Portuguese of Brazil, and Italian.
func Frames() map[string][3]string {
	all := standingFrames()
	maps.Copy(all, comingFrames())

	return all
}

// standingFrames say how a customer, and their partition, stands.
//
//nolint:misspell // they are not all English
func standingFrames() map[string][3]string {
	return map[string][3]string{
		"healthy": {"healthy", "ativo", "attivo"},
		"cooling": {"cooling", "esfriando", "in raffreddamento"},
		"at_risk": {"at risk", "em risco", "a rischio"},
		"lapsed":  {"lapsed", "perdido", "perso"},

		"level": {
			"{customer} is {level}: the probability of no engagement within {horizon} is {risk}.",
			"{customer} está {level}: a probabilidade de nenhuma interação em {horizon} é de {risk}.",
			"{customer} è {level}: la probabilità che non interagisca entro {horizon} è {risk}.",
		},
		"since": {"It has been so since {when}.", "Está assim desde {when}.", "È così dal {when}."},
		"was": {
			"{customer} was {level} at {when}, as their newest signal says: the probability of no engagement within {horizon} was {risk}. They had last engaged at {last}.",
			"{customer} estava {level} em {when}, segundo o sinal mais recente: a probabilidade de nenhuma interação em {horizon} era de {risk}. A última interação tinha sido em {last}.",
			"{customer} era {level} il {when}, come dice l'ultimo segnale: la probabilità che non interagisse entro {horizon} era {risk}. L'ultima interazione era del {last}.",
		},
		"never": {
			"{customer} has never engaged: there is no score. The last event came at {when}, and none so far was of a type that counts as engagement. " +
				"Passive ones (views, opens), messages that you sent, negative ones and types that the vocabulary lacks do not; " +
				"the setting vocabulary changes that: {entry}, or {other}.",
			"{customer} ainda não interagiu: não há risco a calcular. O último evento veio em {when}, e até agora nenhum foi de um tipo que conte como interação. " +
				"Os passivos (visualizações, aberturas), as mensagens enviadas, os negativos e os tipos que faltam no vocabulário não contam; " +
				"a configuração vocabulary muda isso: {entry}, ou {other}.",
			"{customer} non ha mai interagito: non c'è un rischio da calcolare. L'ultimo evento è del {when}, e finora nessuno era di un tipo che conti come interazione. " +
				"Quelli passivi (visualizzazioni, aperture), i messaggi inviati, quelli negativi e i tipi che mancano nel vocabolario non contano; " +
				"lo cambia l'impostazione vocabulary: {entry}, oppure {other}.",
		},
		"holdout": {
			"They are in the hold-out: do not act on their signals; compare.",
			"Faz parte do grupo de controle: não aja com base nos sinais; compare.",
			"Fa parte del gruppo di controllo: non agire sui suoi segnali; confronta.",
		},
		"joined": {
			"{customer} has signed in since, and goes on under a known id: no silence of theirs is told of here any more.",
			"{customer} entrou na conta e continua com um id conhecido: aqui já não se diz nada do silêncio.",
			"{customer} ha poi effettuato l'accesso e continua con un id noto: qui non si dice più nulla del silenzio.",
		},
		"returned": {
			"They had left before, and have returned: nothing is known of that time.",
			"Já tinha ido embora antes e voltou: nada se sabe daquele tempo.",
			"Se n'era già andato, ed è tornato: di quel tempo non si sa nulla.",
		},
		"missing": {"Missing is {what}.", "Falta: {what}.", "Manca: {what}."},
		"partition": {
			"Partition {partition} (subject token {token}) up to record {record}, its clock at {when}.",
			"Partição {partition} (token {token}) até o registro {record}; o relógio dela está em {when}.",
			"Partizione {partition} (token {token}) fino al record {record}; il suo orologio segna {when}.",
		},
		"import": {
			"The clock is that of an import; it stands where the imported history ends.",
			"O relógio é o de uma importação; está parado onde termina o histórico importado.",
			"L'orologio è quello di un'importazione; è fermo dove finisce lo storico importato.",
		},
		"stands": {
			"No record and no tick has come since, for {span}: is ebb running?",
			"Desde então, há {span}, não veio nenhum registro nem tique: o ebb está rodando?",
			"Da allora, da {span}, non è arrivato né un record né un tick: ebb è in funzione?",
		},

		"feed":         {"The input", "A entrada", "L'ingresso"},
		"feed.channel": {"The input by {channel}", "A entrada por {channel}", "L'ingresso via {channel}"},
		"signal": {
			"a signal of their silence would be held", "um sinal do silêncio deste cliente ficaria retido", "un segnale del suo silenzio sarebbe trattenuto",
		},
		"signal.held": {
			"the signal of their silence is held", "o sinal do silêncio deste cliente fica retido", "il segnale del suo silenzio è trattenuto",
		},
		"feed.silent": {
			"{feed} has been silent since {when}: {signal} until it is back.",
			"{feed} está em silêncio desde {when}: {signal} até que volte.",
			"{feed} tace dal {when}: {signal} finché non torna.",
		},
		"feed.back": {
			"The input was silent until lately: {signal} until {when}, to give them time to be heard.",
			"A entrada esteve em silêncio até há pouco: {signal} até {when}, para dar tempo de o cliente ser ouvido.",
			"L'ingresso taceva fino a poco fa: {signal} fino al {when}, per dare al cliente il tempo di farsi sentire.",
		},
	}
}

// comingFrames say why, what was, and what comes.
func comingFrames() map[string][3]string {
	return map[string][3]string{
		"why":    {"Why", "Por quê", "Perché"},
		"rhythm": {"Rhythm", "Ritmo", "Ritmo"},

		"usual":      {"usual pause", "intervalo usual", "pausa abituale"},
		"usual.none": {"none yet", "nenhum ainda", "ancora nessuna"},
		"visits":     {"visits", "visitas", "visite"},
		"visits.once": {
			"one, at {when}", "uma, em {when}", "una, il {when}",
		},
		"visits.near": {
			"more than one, all within {slot}", "mais de uma, todas dentro de {slot}", "più di una, tutte nel giro di {slot}",
		},
		"visits.many": {
			"at least {n}; within {slot} only one may count",
			"pelo menos {n}; em {slot} pode contar só uma",
			"almeno {n}; entro {slot} può contarne una",
		},
		"first":      {"first engaged", "primeira interação", "prima interazione"},
		"last":       {"last engaged", "última interação", "ultima interazione"},
		"last.value": {"{when}, silent for {span}", "{when}, em silêncio há {span}", "{when}, in silenzio da {span}"},
		"any":        {"last event", "último evento", "ultimo evento"},
		"any.value":  {"{when}, of any kind", "{when}, de qualquer tipo", "{when}, di qualsiasi tipo"},

		"score": {"Risk in this silence", "Risco neste silêncio", "Rischio in questo silenzio"},
		"curve": {
			"{first} at the last engagement, {now} now, {last} at {when}",
			"{first} na última interação, {now} agora, {last} em {when}",
			"{first} all'ultima interazione, {now} ora, {last} il {when}",
		},
		"next.unheard": {
			"Next level: none while the input is silent.", "Próximo nível: nenhum enquanto a entrada estiver em silêncio.",
			"Prossimo livello: nessuno finché l'ingresso tace.",
		},
		"next.none": {
			"Next level: silence alone does not change it.", "Próximo nível: o silêncio sozinho não o muda.", "Prossimo livello: il solo silenzio non lo cambia.",
		},
		"next": {
			"Next level, if they stay silent: {level} at {when}, {in}.", "Próximo nível, se o silêncio continuar: {level} em {when}, {in}.",
			"Prossimo livello, se il silenzio continua: {level} il {when}, {in}.",
		},
		"in":       {"in {span}", "daqui a {span}", "tra {span}"},
		"in.clock": {"{span} after the partition's clock", "{span} depois do relógio da partição", "{span} dopo l'orologio della partizione"},

		"unchanged": {"The level has never changed.", "O nível nunca mudou.", "Il livello non è mai cambiato."},
		"changes": {
			"Changes of level (UTC), the newest last", "Mudanças de nível (UTC), a mais recente por último", "Cambi di livello (UTC), l'ultimo in fondo",
		},
		"older": {
			"({n} older ones are not shown: the stream of signals no longer holds them, or there are too many)",
			"({n} mais antigas não aparecem: o stream de sinais já não as tem, ou são muitas)",
			"({n} più vecchi non sono mostrati: lo stream dei segnali non li ha più, o sono troppi)",
		},
		"unpublished": {"(not published yet)", "(ainda não publicada)", "(non ancora pubblicato)"},
		"note":        {"Note: {note}.", "Nota: {note}.", "Nota: {note}."},
	}
}

// EuropeanFrames are those that Portugal says in another way.
//
//nolint:misspell // it is Portuguese
func EuropeanFrames() map[string]string {
	return map[string]string{
		"cooling": "a arrefecer",
		"holdout": "Faz parte do grupo de controlo: não aja com base nos sinais; compare.",
		"never": "{customer} ainda não interagiu: não há risco a calcular. O último evento veio em {when}, e até agora nenhum foi de um tipo que conte como interação. " +
			"Os passivos (visualizações, aberturas), as mensagens enviadas, os negativos e os tipos que faltam no vocabulário não contam; " +
			"a definição vocabulary muda isso: {entry}, ou {other}.",
		"returned":  "Já se tinha ido embora e voltou: nada se sabe desse tempo.",
		"joined":    "{customer} iniciou sessão e continua com um id conhecido: aqui já não se diz nada do silêncio.",
		"partition": "Partição {partition} (token {token}) até ao registo {record}; o relógio dela está em {when}.",
		"stands":    "Desde então, há {span}, não veio nenhum registo nem tique: o ebb está a correr?",
		"why":       "Porquê",
		"usual":     "intervalo habitual",
		"next.none": "Próximo nível: só o silêncio não o muda.",
	}
}
