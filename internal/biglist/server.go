// Package biglist sends a long list to Terraform without the value types of
// terraform-plugin-framework, which take ten times the memory of the list, and more CPU time than
// everything else that is done for it.
//
// The framework still does the rest: configuration, validation, diagnostics, and all other attributes.
// A response is made in three steps:
//
//  1. [Server] receives a call of Terraform before the framework's own protocol server does, and
//     passes it on with a context that can hold a list.
//  2. The data source calls [Object.List], which leaves its list in that context, and gives the
//     framework a null instead.
//  3. The framework responds with an object in MessagePack, the encoding of the plugin protocol.
//     [Server] replaces the null by the list, which it encodes straight from the Go structs.
//
// An [Object] describes the elements of a list. Their type, their description and their encoding all
// come from it.
package biglist

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/vmihailenco/msgpack/v5"
	"github.com/vmihailenco/msgpack/v5/msgpcode"
)

// MaxObject is how large the encoded object of a response may be, in bytes. It is what fits a provider
// that has to stay under 512 MiB of memory: gRPC copies the object once, and the users that it was made
// of are there as well. Without a limit here, the protocol would set one: it refuses a message of more
// than 256 MiB (grpcMaxMessageSize in terraform-plugin-go), with an error that names no data source.
const MaxObject = 144 << 20

// Server is a protocol server that puts long lists into the responses of another one, the framework's.
// It is safe for concurrent use.
type Server struct {
	// ProviderServer is the framework's.
	tfprotov6.ProviderServer
	// MaxObject is how large an encoded object may be, in bytes.
	MaxObject int
	// TooLarge words the error about an object that would be larger, because of the list of an attribute.
	TooLarge func(attribute string, size int) *tfprotov6.Diagnostic
}

// pending is a list on its way from a data source to the server. Without encode there is none.
type pending struct {
	attribute string
	encode    func(*msgpack.Encoder) error
}

// pendingKey is the key of a *pending in a context.
type pendingKey struct{}

// ReadDataSource responds as the framework does, with the list in its place.
func (s *Server) ReadDataSource(ctx context.Context, req *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	var list pending
	resp, err := s.ProviderServer.ReadDataSource(context.WithValue(ctx, pendingKey{}, &list), req)
	if err == nil && resp != nil {
		resp.State, resp.Diagnostics = s.complete(ctx, resp.State, resp.Diagnostics, list)
	}
	return resp, err
}

// OpenEphemeralResource responds as the framework does, with the list in its place.
func (s *Server) OpenEphemeralResource(ctx context.Context, req *tfprotov6.OpenEphemeralResourceRequest) (*tfprotov6.OpenEphemeralResourceResponse, error) {
	var list pending
	resp, err := s.ProviderServer.OpenEphemeralResource(context.WithValue(ctx, pendingKey{}, &list), req)
	if err == nil && resp != nil {
		resp.Result, resp.Diagnostics = s.complete(ctx, resp.Result, resp.Diagnostics, list)
	}
	return resp, err
}

// complete returns an object with a list in its place, or, with one more error, no object.
func (s *Server) complete(ctx context.Context, object *tfprotov6.DynamicValue, diags []*tfprotov6.Diagnostic, list pending) (*tfprotov6.DynamicValue, []*tfprotov6.Diagnostic) {
	failed := slices.ContainsFunc(diags, func(d *tfprotov6.Diagnostic) bool { return d.Severity == tfprotov6.DiagnosticSeverityError })
	if list.encode == nil || object == nil || failed {
		return object, diags
	}
	encoded, size, err := insert(ctx, list, object, s.MaxObject)
	switch {
	case ctx.Err() != nil:
		return nil, append(diags, &tfprotov6.Diagnostic{
			Severity: tfprotov6.DiagnosticSeverityError,
			Summary:  "Interrupted",
			Detail:   fmt.Sprintf("The list %s was still being written. Nothing is returned.", list.attribute),
		})
	case err != nil:
		return nil, append(diags, &tfprotov6.Diagnostic{
			Severity: tfprotov6.DiagnosticSeverityError,
			Summary:  "Unexpected response of the plugin framework",
			Detail:   fmt.Sprintf("The list %s cannot be put into it: %s. This is a bug in the provider; please report it.", list.attribute, err),
		})
	case encoded == nil:
		return nil, append(diags, s.TooLarge(list.attribute, size))
	}
	return &tfprotov6.DynamicValue{MsgPack: encoded}, diags
}

// insert encodes an object with a list in its place, and returns the size of that in bytes. Above a limit
// it is not encoded. It ends early when the context does.
func insert(ctx context.Context, list pending, object *tfprotov6.DynamicValue, limit int) (encoded []byte, size int, err error) {
	attributes, err := attributesOf(object, list.attribute)
	if err != nil {
		return nil, 0, err
	}
	// It is encoded twice, first to count the bytes, and then into a buffer of just that size: a buffer that
	// has to grow is in memory twice.
	var count counter
	if err := write(&stopper{ctx: ctx, to: &count}, attributes, list); err != nil || int(count) > limit {
		return nil, int(count), err
	}
	buffer := bytes.NewBuffer(make([]byte, 0, count))
	err = write(&stopper{ctx: ctx, to: buffer}, attributes, list)
	return buffer.Bytes(), int(count), err
}

// attributesOf returns the encoded attributes of an object. It is an error if the one that a list replaces
// is not there, or not null.
func attributesOf(object *tfprotov6.DynamicValue, replaced string) (map[string]msgpack.RawMessage, error) {
	d := msgpack.NewDecoder(bytes.NewReader(object.MsgPack))
	n, err := d.DecodeMapLen()
	if err != nil {
		return nil, err
	}
	attributes := map[string]msgpack.RawMessage{}
	for range n {
		name, err := d.DecodeString()
		if err != nil {
			return nil, err
		}
		if attributes[name], err = d.DecodeRaw(); err != nil {
			return nil, err
		}
	}
	if !bytes.Equal(attributes[replaced], []byte{msgpcode.Nil}) {
		return nil, fmt.Errorf("the response has no attribute %s that is null", replaced)
	}
	return attributes, nil
}

// write encodes an object with these attributes, and a list in the place of one.
func write(to io.Writer, attributes map[string]msgpack.RawMessage, list pending) error {
	e := msgpack.NewEncoder(to)
	if err := e.EncodeMapLen(len(attributes)); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		if err := e.EncodeString(name); err != nil {
			return err
		}
		encode := list.encode
		if name != list.attribute {
			encode = attributes[name].EncodeMsgpack
		}
		if err := encode(e); err != nil {
			return err
		}
	}
	return nil
}

// byteWriter is a writer that [msgpack.NewEncoder] does not wrap.
type byteWriter interface {
	io.Writer
	io.ByteWriter
}

// stopper is a writer that fails when a context ends. It looks at that now and then: a long list of odd
// numbers takes many seconds.
type stopper struct {
	ctx    context.Context //nolint:containedctx // It lives for one call.
	to     byteWriter
	writes int
}

func (s *stopper) stopped() error {
	if s.writes++; s.writes%256 == 0 {
		return s.ctx.Err()
	}
	return nil
}

func (s *stopper) Write(p []byte) (int, error) {
	if err := s.stopped(); err != nil {
		return 0, err
	}
	return s.to.Write(p)
}

func (s *stopper) WriteByte(c byte) error {
	if err := s.stopped(); err != nil {
		return err
	}
	return s.to.WriteByte(c)
}

// counter is a writer that only counts.
type counter int

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}

func (c *counter) WriteByte(byte) error {
	*c++
	return nil
}
