// Package biglist sends a long list to Terraform without the value types of terraform-plugin-framework. These types
// need ten times the memory of the list, and more CPU time than the rest of the call. A call has three steps:
//
//  1. [Server] receives the call of Terraform and passes it to the framework, with an empty *pending in the context.
//  2. The data source calls [Store], which stores the list in the *pending, and passes a null to the framework.
//  3. The framework responds with an object in MessagePack, the encoding of the plugin protocol. [Server] replaces the
//     null by the list, which it encodes directly from the Go structs.
package biglist

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"
	"sync/atomic"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/vmihailenco/msgpack/v5"
	"golang.org/x/sync/semaphore"
)

// MaxObject is the maximum size of the encoded object of a response, in bytes. It keeps the provider's memory below 512
// MiB: the elements and the object are in memory together, and then the object and gRPC's copy. The protocol's own
// limit is 256 MiB (grpcMaxMessageSize in terraform-plugin-go), but its error does not name the data source.
const MaxObject = 144 << 20

const (
	// largeObject is the size above which an object is worth a garbage collection before it is encoded, in bytes.
	largeObject = 1 << 20
	// hugeObject is the size above which an object is worth another garbage collection before gRPC copies it, in bytes.
	hugeObject = 24 << 20
	// maxHeap is the size of the heap that the encoding of a large object should not exceed, in bytes.
	maxHeap = 480 << 20
	// maxHeapWait is the maximum time that a large object waits for memory.
	maxHeapWait = 5 * time.Second
)

// Server is a protocol server that adds long lists to the responses of the framework's server. It is safe for
// concurrent use. It has no methods for list resources and actions, which are optional in the protocol: a provider with
// them must add methods here.
type Server struct {
	// ProviderServer is the framework's server.
	tfprotov6.ProviderServer
	// MaxObject is the maximum size of an encoded object, in bytes.
	MaxObject int
	// TooLarge returns the error for an object of size bytes, which is larger than MaxObject because of the list of an
	// attribute.
	TooLarge func(attribute string, size int) *tfprotov6.Diagnostic

	stopped, configured atomic.Bool
}

// StopProvider ends the calls that have begun, as the framework does, and those that begin later: after an interrupt,
// Terraform still opens the ephemeral resources that were waiting. A call that begins at the same moment may continue.
func (s *Server) StopProvider(ctx context.Context, req *tfprotov6.StopProviderRequest) (*tfprotov6.StopProviderResponse, error) {
	s.stopped.Store(true)
	return s.ProviderServer.StopProvider(ctx, req)
}

// ConfigureProvider begins a run of Terraform. A provider with a debugger serves several runs, one after the other.
func (s *Server) ConfigureProvider(ctx context.Context, req *tfprotov6.ConfigureProviderRequest) (*tfprotov6.ConfigureProviderResponse, error) {
	if s.configured.Swap(true) {
		s.stopped.Store(false) // the end of the run before
	}
	return s.ProviderServer.ConfigureProvider(ctx, req)
}

// pending has the list of a call between Store and Server. If encode is nil, the call has no list.
type pending struct {
	attribute string
	encode    func(*msgpack.Encoder) error
}

// pendingKey is the key of a *pending in the context of a call.
type pendingKey struct{}

// begin returns the context of a call, the *pending in it, and a function that ends both. The list must not stay in the
// context, which outlives the call: net/http keeps it with an idle connection, and rest.Memory with the latest lease.
func (s *Server) begin(ctx context.Context) (call context.Context, list *pending, end func()) {
	ctx, cancel := context.WithCancel(ctx)
	if s.stopped.Load() {
		cancel()
	}
	list = new(pending)
	return context.WithValue(ctx, pendingKey{}, list), list, func() {
		cancel()
		list.encode = nil
	}
}

// ReadDataSource returns the response of the framework with the list.
func (s *Server) ReadDataSource(ctx context.Context, req *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	call, list, end := s.begin(ctx)
	defer end()
	resp, err := s.ProviderServer.ReadDataSource(call, req)
	if err == nil && resp != nil {
		resp.State, resp.Diagnostics = s.complete(call, resp.State, resp.Diagnostics, list)
	}
	return resp, err
}

// OpenEphemeralResource returns the response of the framework with the list.
func (s *Server) OpenEphemeralResource(ctx context.Context, req *tfprotov6.OpenEphemeralResourceRequest) (*tfprotov6.OpenEphemeralResourceResponse, error) {
	call, list, end := s.begin(ctx)
	defer end()
	resp, err := s.ProviderServer.OpenEphemeralResource(call, req)
	if err == nil && resp != nil {
		resp.Result, resp.Diagnostics = s.complete(call, resp.Result, resp.Diagnostics, list)
	}
	return resp, err
}

// complete returns an object with the list. If this fails, it returns no object and adds an error to the diagnostics.
func (s *Server) complete(ctx context.Context, object *tfprotov6.DynamicValue, diags []*tfprotov6.Diagnostic, list *pending) (*tfprotov6.DynamicValue, []*tfprotov6.Diagnostic) {
	failed := slices.ContainsFunc(diags, func(d *tfprotov6.Diagnostic) bool { return d.Severity == tfprotov6.DiagnosticSeverityError })
	if list.encode == nil || object == nil || failed {
		return object, diags
	}
	completed, size, err := insert(ctx, list, object.MsgPack, s.MaxObject)
	list.encode = nil
	if size > hugeObject {
		runtime.GC() // frees the elements
	}
	switch {
	case ctx.Err() != nil:
		diags = append(diags, newError("Interrupted",
			"The provider was still writing the list %s, and does not return a part of it. Run Terraform again.", list.attribute))
	case err != nil:
		diags = append(diags, newError("Unexpected response of the plugin framework",
			"The provider cannot add the list %s to it: %s. This is a bug in the provider. Please report it.", list.attribute, err))
	case completed == nil:
		diags = append(diags, s.TooLarge(list.attribute, size))
	default:
		return &tfprotov6.DynamicValue{MsgPack: completed}, diags
	}
	return nil, diags
}

func newError(summary, detail string, args ...any) *tfprotov6.Diagnostic {
	return &tfprotov6.Diagnostic{Severity: tfprotov6.DiagnosticSeverityError, Summary: summary, Detail: fmt.Sprintf(detail, args...)}
}

// encoding allows one large object at a time to be encoded. Calls that share a listing would otherwise all have their
// objects in memory at the same time.
var encoding = semaphore.NewWeighted(1)

// insert replaces the null of an object by the list, and returns the new object and its size in bytes. If the size
// exceeds the limit, it returns a nil object and no error. It returns an error if the context ends.
func insert(ctx context.Context, list *pending, object []byte, limit int) (completed []byte, size int, err error) {
	var values map[string]msgpack.RawMessage // of the attributes; a null is nil
	if err := msgpack.Unmarshal(object, &values); err != nil {
		return nil, 0, err
	}
	if value, ok := values[list.attribute]; !ok || value != nil {
		return nil, 0, fmt.Errorf("the response has no attribute %s that is null", list.attribute)
	}
	values[list.attribute] = msgpack.RawMessage{} // an empty value stands for the list
	encode := mapEncoder(func(e *msgpack.Encoder, value msgpack.RawMessage) error {
		switch {
		case value == nil:
			return e.EncodeNil()
		case len(value) == 0:
			return list.encode(e)
		}
		return e.Encode(value)
	})
	// The first encoding only counts the bytes, so that the buffer for the second encoding has the exact size.
	// When a buffer grows, the old and the new buffer are in memory.
	counter := writer{ctx: ctx}
	if err := encode(msgpack.NewEncoder(&counter), values); err != nil {
		return nil, 0, err
	}
	if size = counter.size; size > limit {
		return nil, size, nil
	}
	if size > largeObject {
		if err := encoding.Acquire(ctx, 1); err != nil {
			return nil, 0, err
		}
		defer encoding.Release(1)
		if err := freeMemory(ctx, maxHeap-2*size); err != nil { // gRPC copies the object
			return nil, 0, err
		}
	}
	w := writer{ctx: ctx, buffer: make([]byte, 0, size)}
	err = encode(msgpack.NewEncoder(&w), values)
	return w.buffer, size, err
}

// freeMemory frees memory until the heap has at most limit bytes. It returns an error if the context ends, which is that
// of the call, without timeouts.read.
//
// The read has left garbage. With 100,000 users, a collection saves a quarter of the provider's memory. FreeOSMemory also
// returns the freed memory to the system, so that it does not add up with the new memory.
//
// gRPC has the objects of earlier calls until Terraform has received them, and nothing shows when that is. So freeMemory
// waits as long as the heap is larger than limit. If it still is after maxHeapWait, earlier objects are not the reason,
// and the provider continues.
func freeMemory(ctx context.Context, limit int) error {
	for start := time.Now(); ; {
		debug.FreeOSMemory()
		var heap runtime.MemStats
		runtime.ReadMemStats(&heap)
		if heap.HeapAlloc <= uint64(max(0, limit)) || time.Since(start) >= maxHeapWait {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(maxHeapWait / 20):
		}
	}
}

// writer counts the bytes that an encoder writes, and appends them to its buffer, if it has one. It returns an error if
// the context ends, which it checks at every 256th write: a single user may have millions of values.
type writer struct {
	ctx          context.Context //nolint:containedctx // It is for one call of insert.
	writes, size int
	buffer       []byte
}

func (w *writer) Write(p []byte) (int, error) {
	if w.writes++; w.writes%256 == 0 && w.ctx.Err() != nil {
		return 0, w.ctx.Err()
	}
	w.size += len(p)
	if w.buffer != nil {
		w.buffer = append(w.buffer, p...)
	}
	return len(p), nil
}

// WriteByte saves [msgpack.NewEncoder] an allocation for each byte.
func (w *writer) WriteByte(c byte) error {
	_, err := w.Write([]byte{c})
	return err
}
