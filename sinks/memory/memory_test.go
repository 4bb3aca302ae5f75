package memory_test

import (
	"testing"

	"ebb/sinks"
	"ebb/sinks/memory"
	"ebb/sinks/sinktest"
)

func TestSink(t *testing.T) {
	sinktest.Run(t, func(testing.TB) sinktest.Subject {
		sink := memory.New()

		return sinktest.Subject{Sink: sink, Rows: func(testing.TB) *sinks.Batch { return sink.Rows() }}
	})
}
