package provider

import (
	"os"
	"runtime/debug"
)

const (
	// memoryLimit is the soft memory limit of the Go runtime, in bytes. The limits on the size of responses keep the
	// program below it. GOMEMLIMIT in the environment overrides it.
	memoryLimit = 400 << 20
	// gcPercent is the growth of the heap until the next garbage collection, in percent. Compared with Go's default of 100,
	// it saves several percent of the CPU time of a read with 100,000 users, and the collections while the program starts.
	// memoryLimit still limits the heap, so a higher GOMEMLIMIT costs more memory. GOGC in the environment overrides it.
	gcPercent = 200
)

// LimitMemory sets the limits of the Go runtime. A program calls it before it serves the provider.
func LimitMemory() {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryLimit)
	}
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
}
