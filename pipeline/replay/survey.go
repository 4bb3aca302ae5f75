package replay

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"io"
	"slices"

	"ebb/pipeline/event"
	"ebb/pipeline/format/native"
	"ebb/pipeline/vocabulary"
)

// Survey is what one pass over a file tells before it is read: its identity,
// and which of its types the vocabulary lacks.
//
// The kind of such a type is what the mapping's field kind says in most of its
// rows, the one that comes first among passive, micro, active and exposure
// where two are equal. Where no row says a kind, and no row of the file would
// count as engagement otherwise, all of its unknown types are taken for active:
// whoever has a log of nothing but events of their own means those. Where some
// types are known, an unknown one stays unknown and counts as nothing.
//
// The values of a type that was learned are money if its name says so, or if it
// is the only one of the file.
type Survey struct {
	Source   Source
	Mapping  *Mapping // the one that was given, with the types that were learned
	Identity Identity
	Timeline *Timeline
	Groups   *Groups // which rows are one event; nil where each is its own
	Joins    *Joins  // whose rows with an anonymous id alone are; nil where the mapping joins nothing

	Types      []SurveyType // most rows first
	Qualifying int64        // rows that count as engagement, those of learned types included

	// Assumed says that types were taken for active because nothing told.
	Assumed bool

	// Beyond counts the rows of unknown types that came when there were as
	// many types as a vocabulary can have; those stay unknown.
	Beyond int64

	// BadKinds counts the rows whose kind is none, and BadKind is the first.
	BadKinds int64
	BadKind  string

	limits Limits
}

// SurveyType is what a file has of one event type. Rows that a shard would
// refuse don't count.
type SurveyType struct {
	Type       string // as the vocabulary knows it, or as events have it
	Kind       vocabulary.Kind
	Negative   bool
	Qualifying bool
	Learned    bool // the vocabulary lacks it, and the file told its kind
	Rows       int64
	Values     int64                   // rows with a value
	Money      vocabulary.Money        // what these values are
	Told       [vocabulary.Kinds]int64 // rows by the kind that they say, for types that the vocabulary lacks
}

// maxKindBytes is how much of a kind that is none is kept.
const maxKindBytes = 60

// NewSurvey reads the file once, or up to three times where anonymous ids are
// shared. Memory does not grow with the file, only with the types, of which it
// keeps as many as a vocabulary can have, and with anonymous ids, up to the
// bounds of Joins.
func NewSurvey(ctx context.Context, source Source, mapping *Mapping, configured vocabulary.Config, limits Limits) (*Survey, error) {
	merged := mapping.AddTo(configured)
	reject := merged.UnknownTypes == vocabulary.RejectUnknown
	merged.UnknownTypes = vocabulary.AcceptUnknown // what is rejected later has to be seen here
	vocab, err := vocabulary.NewVocabulary(merged)
	if err != nil {
		return nil, err
	}
	mapping.Know(vocab)
	file, err := source.open()
	if err != nil {
		return nil, err
	}
	defer file.Close()
	whole := &fingerprint{digest: sha256.New()}
	scan, join := newTimeline(mapping, limits), newJoiner(mapping)
	reader, err := newReader(source, mapping, ReadOptions{scan: scan, people: join.collect()}, io.TeeReader(file, whole))
	if err != nil {
		return nil, err
	}
	known := vocab.Types()
	s := newSurveyor(&Survey{Source: source, Mapping: mapping, limits: limits}, vocab)
	if err := reader.Ahead(ctx, s.add); err != nil {
		return nil, err
	}
	s.survey.Identity, s.survey.Timeline = whole.identity(), scan.finish()
	if s.survey.Joins, err = join.finish(source, mapping, s.survey.Timeline); err != nil {
		return nil, err
	}
	if s.survey.Groups, err = findGroups(source, mapping, s.survey.Timeline, s.survey.Joins); err != nil {
		return nil, err
	}
	s.learn(reject)
	s.list(known)

	return s.survey, nil
}

// Check refuses a file that has nothing to read, or whose times can't be
// believed: ErrNoRows, ErrWrongUnit.
func (s *Survey) Check() error { return s.Timeline.check(s.Source, s.Mapping) }

// Plan is the import of the file that was surveyed, as of NewPlan. Its options
// have the limits of the survey.
func (s *Survey) Plan(options Options) (*Plan, error) {
	if err := options.validate(); err != nil {
		return nil, err
	}

	return newPlan(s.Source, s.Mapping, knownFile{s.Timeline, s.Identity, s.Joins, s.Groups}, options)
}

type surveyor struct {
	survey     *Survey
	decoder    *native.Decoder
	vocabulary *vocabulary.Vocabulary
	event      event.Event

	known   []int64 // rows by type
	values  []int64 // of these, rows with a value
	unknown map[string]*SurveyType
	room    int // for learned types
	told    bool
}

func newSurveyor(survey *Survey, vocab *vocabulary.Vocabulary) *surveyor {
	known := len(vocab.Types())

	return &surveyor{
		survey:     survey,
		decoder:    native.NewDecoder(event.MaxEventBytes),
		vocabulary: vocab,
		known:      make([]int64, known),
		values:     make([]int64, known),
		unknown:    make(map[string]*SurveyType),
		room:       vocabulary.MaxTypes - (known - 1),
	}
}

func (s *surveyor) add(row *Row) {
	if s.decoder.Decode(row.Body, &s.event) != nil {
		return
	}
	class, err := s.vocabulary.Classify(&s.event)
	if err != nil {
		return
	}
	if last := len(s.known) - 1; int(class.Type) < last {
		s.known[class.Type]++
		if s.event.Has(event.HasValue) {
			s.values[class.Type]++
		}
		if class.Qualifying {
			s.survey.Qualifying++
		}

		return
	}
	t := s.unknown[string(s.event.Type)]
	if t == nil {
		if len(s.unknown) >= s.room {
			s.survey.Beyond++

			return
		}
		t = &SurveyType{Type: string(s.event.Type), Kind: vocabulary.Unknown}
		s.unknown[t.Type] = t
	}
	t.Rows++
	if s.event.Has(event.HasValue) {
		t.Values++
	}
	s.tell(t, row.Kind)
}

// tell counts what the row says of the kind.
func (s *surveyor) tell(t *SurveyType, text []byte) {
	if len(text) == 0 {
		return
	}
	kind, ok := parseKind(text)
	if !ok {
		if s.survey.BadKinds == 0 {
			s.survey.BadKind = string(text[:min(len(text), maxKindBytes)])
		}
		s.survey.BadKinds++

		return
	}
	s.told = true
	t.Told[kind]++
}

// learn gives kinds to unknown types, and adds them to the mapping.
func (s *surveyor) learn(reject bool) {
	survey := s.survey
	survey.Assumed = !s.told && !reject && survey.Qualifying == 0
	learned := *survey.Mapping
	learned.Vocabulary.Types = slices.Clone(learned.Vocabulary.Types)
	found, only := false, s.onlyType()
	for _, t := range s.unknown {
		kind, ok := t.most()
		if survey.Assumed {
			kind, ok = vocabulary.Active, true
		}
		if !ok || t.Type == vocabulary.UnknownType {
			continue // the latter is no name that a vocabulary can have
		}
		found = true
		t.Kind, t.Learned = kind, true
		s.learnMoney(t, only)
		t.Qualifying = kind == vocabulary.Micro || kind == vocabulary.Active
		if t.Qualifying {
			survey.Qualifying += t.Rows
		}
		learned.Vocabulary.Types = append(learned.Vocabulary.Types, vocabulary.TypeConfig{Type: t.Type, Kind: kind.String(), Money: t.Money.String()})
	}
	survey.Assumed = survey.Assumed && found
	if found {
		slices.SortFunc(learned.Vocabulary.Types[len(survey.Mapping.Vocabulary.Types):], func(a, b vocabulary.TypeConfig) int {
			return cmp.Compare(a.Type, b.Type)
		})
		survey.Mapping = &learned
	}
}

// most is the kind that most rows say.
func (t *SurveyType) most() (vocabulary.Kind, bool) {
	kind := 0
	for k, rows := range t.Told {
		if rows > t.Told[kind] {
			kind = k
		}
	}

	return vocabulary.Kind(kind), t.Told[kind] > 0
}

// list fills the survey's types.
func (s *surveyor) list(known []vocabulary.EventType) {
	for i, rows := range s.known {
		if t := &known[i]; rows > 0 {
			s.survey.Types = append(s.survey.Types, SurveyType{Type: t.Name, Kind: t.Kind, Negative: t.Negative, Qualifying: t.Qualifying, Rows: rows, Values: s.values[i], Money: t.Money})
		}
	}
	for _, t := range s.unknown {
		s.survey.Types = append(s.survey.Types, *t)
	}
	slices.SortFunc(s.survey.Types, func(a, b SurveyType) int {
		return cmp.Or(cmp.Compare(b.Rows, a.Rows), cmp.Compare(a.Type, b.Type))
	})
}

// parseKind reads passive, micro, active or exposure, in any case.
func parseKind(text []byte) (vocabulary.Kind, bool) {
	kind, err := vocabulary.ParseKind(string(bytes.ToLower(bytes.TrimSpace(text))))

	return kind, err == nil && kind != vocabulary.Unknown
}
