package churn

import "fmt"

// Language is that of the words of reasons.
type Language struct {
	name    string
	phrases map[string]string // by code, code.once and code.slot
	units   [4][2]string      // day, hour, minute, and less than that; one and several
}

// phraseIfBack is the phrase that says the risk after one engagement.
const phraseIfBack = "if_back"

// phrase is that of a reason. Who came for a single visit, and who came more
// than once within a single slot, have no rhythm: theirs are phrases of their
// own, so that nothing is said of gaps that nobody has seen.
func (l *Language) phrase(r *Reason) string {
	special := ""
	switch {
	case r.Once:
		special = ".once"
	case r.Visits < 2:
		special = ".slot"
	}
	if phrase, ok := l.phrases[r.Code+special]; ok {
		return phrase
	}

	return l.phrases[r.Code]
}

// span words a length of time in the largest unit of which it has two.
func (l *Language) span(ms int64) string {
	for i, unit := range [...]int64{day, hour, minute} {
		if ms >= 2*unit {
			return fmt.Sprintf("%d %s", (ms+unit/2)/unit, l.units[i][1])
		}
	}
	if ms >= minute {
		return "1 " + l.units[2][0]
	}

	return l.units[3][0]
}

// languages are those that reasons can be worded in. Numbers stand apart from
// nouns that change with them, so a phrase fits every number from 0 on.
var languages = []*Language{
	{
		name: "en",
		phrases: map[string]string{
			CodeRhythm:            "usually every {every}, silent for {silent}",
			CodeRhythm + ".once":  "seen once, silent for {silent}",
			CodeRhythm + ".slot":  "seen within one span of {slot} only, silent for {silent}",
			CodeRecency:           "last engagement {silent} ago",
			CodeTrend:             "active in {recent} of the 8 spans of {slot} up to the last engagement, in {before} of the 8 before",
			CodeTrend + ".once":   "no second visit yet",
			CodeTrend + ".slot":   "active within one span of {slot} only",
			CodeHistory:           "active in {visits} spans of {slot} since {known} ago",
			CodeHistory + ".once": "came once, {known} ago, and not again",
			CodeHistory + ".slot": "first came {known} ago, active within one span of {slot} only",
			CodeContact:           "last event of any kind {contact} ago",
			CodeWeek:              "the hours and days of the week that come next",
			CodeNegatives:         "negative signals so far: {negatives}",
			CodeExperience:        "latest rating: {rating} %, where below zero is bad",
			CodePressure:          "messages since the last engagement: {messages}",
			CodeLeft:              "has ended the relation",
			phraseIfBack:          "one engagement now would bring the risk to %.0f %%",
		},
		units: [4][2]string{{"day", "days"}, {"hour", "hours"}, {"minute", "minutes"}, {"less than a minute", ""}},
	},
	{
		name: "pt",
		phrases: map[string]string{
			CodeRhythm:            "costuma vir a cada {every}, em silêncio há {silent}",
			CodeRhythm + ".once":  "visto uma só vez, em silêncio há {silent}",
			CodeRhythm + ".slot":  "visto só dentro de um período de {slot}, em silêncio há {silent}",
			CodeRecency:           "último engajamento há {silent}",
			CodeTrend:             "ativo em {recent} dos 8 períodos de {slot} até o último engajamento, em {before} dos 8 anteriores",
			CodeTrend + ".once":   "ainda sem segunda visita",
			CodeTrend + ".slot":   "ativo só dentro de um período de {slot}",
			CodeHistory:           "ativo em {visits} períodos de {slot} desde há {known}",
			CodeHistory + ".once": "veio uma vez, há {known}, e não voltou",
			CodeHistory + ".slot": "veio pela primeira vez há {known}, ativo só dentro de um período de {slot}",
			CodeContact:           "último evento de qualquer tipo há {contact}",
			CodeWeek:              "as horas e os dias da semana que vêm a seguir",
			CodeNegatives:         "sinais negativos até agora: {negatives}",
			CodeExperience:        "última avaliação: {rating} %, onde abaixo de zero é má",
			CodePressure:          "mensagens desde o último engajamento: {messages}",
			CodeLeft:              "encerrou o vínculo",
			phraseIfBack:          "um engajamento agora levaria o risco a %.0f %%",
		},
		units: [4][2]string{{"dia", "dias"}, {"hora", "horas"}, {"minuto", "minutos"}, {"menos de um minuto", ""}},
	},
	{
		name: "it",
		phrases: map[string]string{
			CodeRhythm:            "di solito ogni {every}, in silenzio da {silent}",
			CodeRhythm + ".once":  "visto una sola volta, in silenzio da {silent}",
			CodeRhythm + ".slot":  "visto solo entro un periodo di {slot}, in silenzio da {silent}",
			CodeRecency:           "ultima interazione {silent} fa",
			CodeTrend:             "attivo in {recent} degli 8 periodi di {slot} fino all'ultima interazione, in {before} degli 8 precedenti",
			CodeTrend + ".once":   "ancora nessuna seconda visita",
			CodeTrend + ".slot":   "attivo solo entro un periodo di {slot}",
			CodeHistory:           "attivo in {visits} periodi di {slot} da {known}",
			CodeHistory + ".once": "venuto una volta, {known} fa, e mai più",
			CodeHistory + ".slot": "venuto la prima volta {known} fa, attivo solo entro un periodo di {slot}",
			CodeContact:           "ultimo evento di qualunque tipo {contact} fa",
			CodeWeek:              "le ore e i giorni della settimana che seguono",
			CodeNegatives:         "segnali negativi finora: {negatives}",
			CodeExperience:        "ultima valutazione: {rating} %, dove sotto zero è negativa",
			CodePressure:          "messaggi dall'ultima interazione: {messages}",
			CodeLeft:              "ha chiuso il rapporto",
			phraseIfBack:          "un'interazione ora porterebbe il rischio al %.0f %%",
		},
		units: [4][2]string{{"giorno", "giorni"}, {"ora", "ore"}, {"minuto", "minuti"}, {"meno di un minuto", ""}},
	},
}

// Languages are the names that Config.Language can have.
func Languages() []string {
	names := make([]string, len(languages))
	for i, l := range languages {
		names[i] = l.name
	}

	return names
}

// languageOf is the language of a name; the first one for "".
func languageOf(name string) (*Language, bool) {
	if name == "" {
		return languages[0], true
	}
	for _, l := range languages {
		if l.name == name {
			return l, true
		}
	}

	return nil, false
}
