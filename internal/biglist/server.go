// Package biglist takes a big list past the value types of terraform-plugin-framework, which cost
// ten times the list's own memory, and more CPU than Terraform takes for all the rest.
//
// The framework keeps everything else: configuration, validation, diagnostics, and the other
// attributes. An answer is made in three steps:
//
//  1. [Server] stands before the framework's protocol server. It sends a call on with an empty
//     place for a list in its context.
//  2. The data source calls [Object.List], which leaves the list in that place, and gives the
//     framework a null.
//  3. The framework answers with an object in MessagePack, Terraform's encoding. [Server] takes it
//     apart by one level, and puts it together again with the list, encoded from the Go structs, where
//     the null was.
//
// One description of the list's elements, an [Object], gives their schema, this encoding, and the
// framework's own values, which are what List returns where no [Server] stands before the framework.
// That is also how a call is answered whose answer [Server] does not understand: by the framework
// alone, in a second call. A test holds that both ways give Terraform the same values.
package biglist

import (
	"bytes"
	"context"
	"fmt"
	"runtime"
	"slices"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/vmihailenco/msgpack/v5"
	"github.com/vmihailenco/msgpack/v5/msgpcode"
)

// MaxObject is how large an encoded object may be, in bytes. The protocol server refuses to send a
// message of more than 256 MiB (grpcMaxMessageSize in terraform-plugin-go), with an error that does
// not tell whose. The message is the object with a few bytes around it and the warnings, for which
// one MiB is left. Terraform sends a result back to no provider, so that nothing else has to fit.
const MaxObject = 255 << 20

// Server completes the framework's answers. It is safe for concurrent use, as the framework's is.
type Server struct {
	// ProviderServer is the framework's.
	tfprotov6.ProviderServer
	// MaxObject is how large an encoded object may be, in bytes, and TooLarge the error about one
	// that would be larger.
	MaxObject int
	TooLarge  func(size int) *tfprotov6.Diagnostic
}

// place is where a list is left for the server.
type place struct {
	attribute string
	encode    func(*msgpack.Encoder) error // nil: no list
	size      func() int64                 // about how many bytes that writes
}

type placeKey struct{}

// ReadDataSource answers as the framework does.
func (s *Server) ReadDataSource(ctx context.Context, req *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	var list place
	resp, err := s.ProviderServer.ReadDataSource(context.WithValue(ctx, placeKey{}, &list), req)
	if err != nil || resp == nil || list.encode == nil || resp.State == nil || hasError(resp.Diagnostics) {
		return resp, err
	}
	tooLarge, err := s.complete(resp.State, list)
	if err != nil {
		return s.ProviderServer.ReadDataSource(ctx, req)
	}
	if tooLarge != nil {
		resp.State, resp.Diagnostics = nil, append(resp.Diagnostics, tooLarge)
	}
	return resp, nil
}

// OpenEphemeralResource answers as the framework does.
func (s *Server) OpenEphemeralResource(ctx context.Context, req *tfprotov6.OpenEphemeralResourceRequest) (*tfprotov6.OpenEphemeralResourceResponse, error) {
	var list place
	resp, err := s.ProviderServer.OpenEphemeralResource(context.WithValue(ctx, placeKey{}, &list), req)
	if err != nil || resp == nil || list.encode == nil || resp.Result == nil || hasError(resp.Diagnostics) {
		return resp, err
	}
	tooLarge, err := s.complete(resp.Result, list)
	if err != nil {
		return s.ProviderServer.OpenEphemeralResource(ctx, req)
	}
	if tooLarge != nil {
		resp.Result, resp.Diagnostics = nil, append(resp.Diagnostics, tooLarge)
	}
	return resp, nil
}

func hasError(diagnostics []*tfprotov6.Diagnostic) bool {
	return slices.ContainsFunc(diagnostics, func(d *tfprotov6.Diagnostic) bool { return d.Severity == tfprotov6.DiagnosticSeverityError })
}

// complete puts a list into an encoded object. It returns a diagnostic where the object would be too
// large, and an error where it is not one that the framework makes.
func (s *Server) complete(object *tfprotov6.DynamicValue, list place) (tooLarge *tfprotov6.Diagnostic, err error) {
	names, values, err := attributes(object.MsgPack)
	if err != nil {
		return nil, err
	}
	at := slices.Index(names, list.attribute)
	if at < 0 || !bytes.Equal(values[at], []byte{msgpcode.Nil}) {
		return nil, fmt.Errorf("there is no attribute %s that is null", list.attribute)
	}
	room := min(int64(len(object.MsgPack))+list.size(), int64(s.MaxObject))
	encoded := bounded{most: s.MaxObject, bytes: make([]byte, 0, room)}
	e := msgpack.NewEncoder(&encoded)
	if err := e.EncodeMapLen(len(names)); err != nil {
		return nil, err
	}
	for i, name := range names {
		if err := e.EncodeString(name); err != nil {
			return nil, err
		}
		if i == at {
			err = list.encode(e)
		} else {
			err = e.Encode(values[i])
		}
		if err != nil {
			return nil, err
		}
	}
	if encoded.size > s.MaxObject {
		return s.TooLarge(encoded.size), nil
	}
	object.MsgPack = encoded.bytes
	if encoded.size >= 1<<20 {
		// gRPC copies the object next, in one step that cannot be interrupted. So much new memory makes the
		// garbage collector begin, which would keep all processors busy with waiting for the end of that step.
		runtime.GC()
	}
	return nil, nil
}

// attributes takes an encoded object apart by one level.
func attributes(object []byte) (names []string, values []msgpack.RawMessage, err error) {
	r := bytes.NewReader(object)
	d := msgpack.NewDecoder(r)
	n, err := d.DecodeMapLen() // -1 for null
	for range n {
		if err != nil {
			break
		}
		var name string
		if name, err = d.DecodeString(); err != nil {
			break
		}
		var value msgpack.RawMessage
		value, err = d.DecodeRaw()
		names, values = append(names, name), append(values, value)
	}
	if err == nil && r.Len() > 0 {
		err = fmt.Errorf("there are %d bytes after the object", r.Len())
	}
	return names, values, err
}

// bounded keeps up to so many bytes of what is written to it, and counts all of them.
type bounded struct {
	most, size int
	bytes      []byte
}

func (b *bounded) Write(p []byte) (int, error) {
	if b.size += len(p); b.size <= b.most {
		b.bytes = append(b.bytes, p...)
	}
	return len(p), nil
}

func (b *bounded) WriteByte(c byte) error {
	if b.size++; b.size <= b.most {
		b.bytes = append(b.bytes, c)
	}
	return nil
}
