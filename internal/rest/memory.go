package rest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"sync"
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
	largeResponses chan struct{} // full while a large response is in memory
	leases         sync.Mutex    // guards lease, and the calls of every lease
	lease          *Lease        // the latest lease that was acquired; its calls may have ended
	redacting      sync.Mutex    // the forms of long secrets need much memory
}

// NewMemory returns limits for clients that share them.
func NewMemory() *Memory { return &Memory{largeResponses: make(chan struct{}, 1)} }

// readBody reads the body of a response into a buffer. A large response waits in the middle of its body until no other
// large response is in memory, and is in memory until release is called. The wait does not count against the limit of the
// attempt, whose timer ends the context. The error is of [KindTooLarge] if the response would need too much memory.
func (m *Memory) readBody(ctx context.Context, buffer *bytes.Buffer, body io.Reader, timer *time.Timer, limit time.Duration) (release func(), err error) {
	memory := func() int64 { return int64(buffer.Len()) + decodedSize(buffer.Bytes()) }
	if _, err := buffer.ReadFrom(io.LimitReader(body, largeResponse+1)); err != nil || memory() <= largeResponse {
		return func() {}, err
	}
	timer.Stop() // the vendor is not slow
	select {
	case m.largeResponses <- struct{}{}:
		timer.Reset(limit)
	case <-ctx.Done():
		return func() {}, ctx.Err()
	}
	_, err = buffer.ReadFrom(io.LimitReader(body, maxBody-largeResponse))
	switch {
	case err != nil:
	case buffer.Len() > maxBody:
		err = tooLarge("more than %d MiB", maxBody)
	case memory() > maxMemory:
		err = tooLarge("it would need more than %d MiB of memory", maxMemory)
	}
	return func() { <-m.largeResponses }, err
}

// decodedSize estimates the maximum memory of the values of a JSON text, in bytes. An object, or a null instead of an
// object, may become a struct of about 300 bytes. A string needs 16 bytes besides its text. Every element of a list
// needs space in a slice that grows, and a list may itself be an element of a map.
func decodedSize(text []byte) int64 {
	count := func(part string) int64 { return int64(bytes.Count(text, []byte(part))) }
	return 300*(count("{")+count("null")) + 64*count("[") + 32*count(",") + 8*count(`"`)
}
