package rest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// maxBody is the maximum size of a response, in bytes. A page of a hundred users has about 30 KiB.
	maxBody = 32 << 20
	// maxHeader is the maximum size of the header of a response, in bytes. It is several times the usual limit of servers.
	maxHeader = 256 << 10
	// maxReceiveBuffer is the maximum size of the received data that a response of HTTP/2 buffers while it waits for another
	// large response, in bytes. Go's default is 4 MiB, also for the many responses that may wait.
	maxReceiveBuffer = 256 << 10
	// maxMemory is the maximum memory of a response, in bytes: of its body and its decoded values.
	maxMemory = 96 << 20
	// largeResponse is the memory above which a response is large, in bytes. An Openlayer page of a hundred users needs a
	// tenth. Only one large response at a time may have more than this in memory.
	largeResponse = 1 << 20
)

// tooLarge returns the error of a response that is larger than its limit.
func tooLarge(format string, limit int) *Error {
	return &Error{Kind: KindTooLarge, Err: fmt.Errorf("the response is too large: "+format, limit>>20)}
}

// Memory limits the memory of all clients that share it. NewMemory makes it. It is safe for concurrent use.
type Memory struct {
	largeResponses chan struct{}         // full while a large response is in memory
	lease          atomic.Pointer[Lease] // the latest lease that was acquired; its calls may have ended
	redacting      sync.Mutex            // the forms of long secrets need much memory
}

// NewMemory returns a memory without responses.
func NewMemory() *Memory { return &Memory{largeResponses: make(chan struct{}, 1)} }

// countedBody is the body of a response. A large response keeps its place in largeResponses until release is called.
type countedBody struct {
	io.Reader
	ctx     context.Context //nolint:containedctx // It is for the reads of one body.
	timer   *time.Timer     // ends the attempt; after a wait, it starts again with limit
	limit   time.Duration
	memory  *Memory
	counted int64 // while the body is read, only its own bytes; then also those of its decoded values
	large   bool
}

// Read returns an error of [KindTooLarge] after more than maxBody bytes.
func (b *countedBody) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if failed := b.count(int64(n)); failed != nil {
		return n, failed
	}
	if b.counted > maxBody {
		return n, tooLarge("more than %d MiB", maxBody)
	}
	return n, err
}

// count counts more bytes. If the response becomes large, count waits until no other large response is in memory. It
// returns an error of [KindTooLarge] if the response would need too much memory, or an error if the context ends.
func (b *countedBody) count(n int64) error {
	b.counted += n
	if b.counted > maxMemory {
		return tooLarge("it would need more than %d MiB of memory", maxMemory)
	}
	if b.counted > largeResponse && !b.large {
		b.timer.Stop() // the vendor is not slow
		select {
		case b.memory.largeResponses <- struct{}{}:
			b.large = true
			b.timer.Reset(b.limit)
		case <-b.ctx.Done():
			return b.ctx.Err()
		}
	}
	return nil
}

func (b *countedBody) release() {
	if b.large {
		<-b.memory.largeResponses
	}
}

// decodedSize estimates the maximum memory of the values of a JSON text, in bytes. An object, or a null instead of an
// object, may become structs of about 300 bytes. A string needs 16 bytes besides its text. Every element of a list
// needs space in a slice that grows, and a list may itself be an element of a map.
func decodedSize(text []byte) int64 {
	count := func(part string) int64 { return int64(bytes.Count(text, []byte(part))) }
	return 300*(count("{")+count("null")) + 64*count("[") + 32*count(",") + 8*count(`"`)
}
