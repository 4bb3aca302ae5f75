package metric

import (
	"math/bits"

	"ebb/pipeline/vocabulary"
)

// stageBytes is the width of the column: where the customer is, and a bit for each
// stage that they have been in.
const stageBytes = 2

// stageColumn is where a customer is on the journey.
func stageColumn() *StateColumn {
	return &StateColumn{
		Name: "stage",
		Definition: "Position on the journey: the stage of the customer's newest event whose type has one, and the stages that they have " +
			"been in. Events that speak against the relation move nobody. Of who signs in: the stages of both ids, and the position of the known one, " +
			"where that has one.",
		Bytes: stageBytes,
		at:    atStage,
		Takes: staged,
		Observe: func(e *Event, state []byte) {
			state[0] = byte(e.Class.Stage)
			state[1] |= 1 << e.Class.Stage
		},
		Merge: mergeStages,
	}
}

// mergeStages adds the stages that the other one has been in. The known one stays where
// they are: signing in is the newest that they did, for most, and of the rest nobody knows
// the order. Who is nowhere yet is where the other one was.
func mergeStages(into, from []byte) {
	stage, been := from[0], from[1]
	if stage == byte(vocabulary.StageNone) || stage >= vocabulary.StageCount || been>>stage&1 == 0 || been>>vocabulary.StageCount != 0 {
		return
	}
	if into[0] == byte(vocabulary.StageNone) {
		into[0] = stage
	}
	into[1] |= been
}

// staged are the events that bring their customer to a stage.
func staged(class *vocabulary.Class, name string) bool {
	return People(class, name) && class.Stage != vocabulary.StageNone && !class.Negative
}

// Stage is where the customer is on the journey; none before their first event that
// has a stage.
func (w Who) Stage() vocabulary.Stage {
	if w == nil {
		return vocabulary.StageNone
	}

	return vocabulary.Stage(w[atStage])
}

// Reached says whether the customer has been in a stage.
func (w Who) Reached(stage vocabulary.Stage) bool { return w != nil && w[atStage+1]>>stage&1 == 1 }

// FurthestStage is the last stage of the journey that the customer has been in.
func (w Who) FurthestStage() vocabulary.Stage {
	if w == nil || w[atStage+1] == 0 {
		return vocabulary.StageNone
	}

	return vocabulary.Stage(bits.Len8(w[atStage+1]) - 1)
}
