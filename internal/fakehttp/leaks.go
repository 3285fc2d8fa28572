package fakehttp

import (
	"testing"

	"go.uber.org/goleak"
)

// VerifyNoLeak fails a test if goroutines that are not in current, a [goleak.IgnoreCurrent], do not end within 10 seconds.
// goleak itself waits 0.4 seconds, which is too short for a busy machine.
func VerifyNoLeak(t *testing.T, current goleak.Option) {
	t.Helper()
	var err error
	for range 25 {
		if err = goleak.Find(current); err == nil {
			return
		}
	}
	t.Error(err)
}
