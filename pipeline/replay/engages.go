package replay

import (
	"context"
	"errors"
	"fmt"
	"io"

	"ebb/pipeline/vocabulary"
)

// FindEngagement reads a file until an event of it counts as engagement by the
// vocabulary, which is soon in most files. Where none does, its survey says which
// types there are; nothing is learned from the file. Else the survey is nil.
func FindEngagement(ctx context.Context, source Source, mapping *Mapping, configured vocabulary.Config) (*Survey, error) {
	configured.UnknownTypes = vocabulary.AcceptUnknown // what is rejected is no engagement either
	vocab, err := vocabulary.NewVocabulary(configured)
	if err != nil {
		return nil, err
	}
	reader, err := NewReader(source, mapping, ReadOptions{})
	if err != nil {
		return nil, err
	}
	defer reader.Close()
	s := newSurveyor(&Survey{Source: source, Mapping: mapping}, vocab)
	var row Row
	for rows := 0; s.survey.Qualifying == 0; rows++ {
		if rows%4096 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		err := reader.Next(&row)
		if errors.Is(err, io.EOF) {
			s.list(vocab.Types())

			return s.survey, nil
		}
		if err != nil {
			return nil, err
		}
		s.add(&row)
	}

	return nil, nil
}

// NoEngagement says to a person that a file without engagement gives no risks,
// and what to write where to change it. entry writes an entry of the vocabulary.
func (s *Survey) NoEngagement(where string, entry func(vocabulary.TypeConfig) string) string {
	if len(s.Types) == 0 {
		return fmt.Sprintf("No row of %s is an event that can be used, so nothing comes of it.", s.Source.Name)
	}
	example := vocabulary.TypeConfig{Type: "NAME", Kind: vocabulary.Active.String()}
	for i := range s.Types {
		t := &s.Types[i]
		if t.Negative || t.Kind == vocabulary.Exposure {
			continue
		}
		example.Type = t.Type
		if t.Kind == vocabulary.Passive {
			yes := true
			example.Kind, example.Qualifying = t.Kind.String(), &yes
		}

		break
	}

	return fmt.Sprintf("No event of %s counts as engagement (%s), so there will be no risks and no signals. Say what is engagement %s: %s.",
		s.Source.Name, s.Kinds(), where, entry(example))
}
