// Package leaktest checks in tests that the provider leaves no goroutines.
package leaktest

import (
	"testing"

	"go.uber.org/goleak"
)

// VerifyNone fails a test if goroutines that are not in current, a [goleak.IgnoreCurrent], do not end within 10 seconds.
// goleak's own VerifyNone waits 0.4 seconds, which is too short for a busy machine.
func VerifyNone(t *testing.T, current goleak.Option) {
	t.Helper()
	var err error
	for range 25 {
		if err = goleak.Find(current); err == nil { // waits 0.4 seconds for goroutines to end
			return
		}
	}
	t.Error(err)
}
