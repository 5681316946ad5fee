using System.Runtime.InteropServices;

namespace OverlayImg.Images;

/// <summary>Compresses to one zstd frame with a checksum, by the system's libzstd at its default level, on all cores.</summary>
internal sealed class ZstdEncoder : CompressorStream
{
    private const int DefaultLevel = 3;

    private readonly Stream _compressed;
    private readonly LibZstd.CompressionContext _context;
    private readonly byte[] _inputBytes = GC.AllocateUninitializedArray<byte>(1 << 20, pinned: true);
    private readonly byte[] _outputBytes = GC.AllocateUninitializedArray<byte>(128 << 10, pinned: true);
    private LibZstd.Buffer _input;
    private LibZstd.Buffer _output;

    /// <exception cref="MachineException">libzstd is not installed.</exception>
    public ZstdEncoder(Stream compressed)
    {
        LibZstd.Library.Require();
        _compressed = compressed;
        _context = LibZstd.CreateCompressionContext();
        if (_context.IsInvalid) throw new MachineException("libzstd could not get the memory to compress");
        _ = Checked(LibZstd.SetParameter(_context, LibZstd.CompressionLevel, DefaultLevel));
        _ = Checked(LibZstd.SetParameter(_context, LibZstd.ChecksumFlag, 1));
        // How the input is divided among workers depends on there being any, not on their number. A library that was built without threads refuses.
        _ = LibZstd.SetParameter(_context, LibZstd.Workers, Math.Clamp(Environment.ProcessorCount, 1, 16));
        _input.Start = Marshal.UnsafeAddrOfPinnedArrayElement(_inputBytes, 0);
        _output = new() { Start = Marshal.UnsafeAddrOfPinnedArrayElement(_outputBytes, 0), Size = (nuint)_outputBytes.Length };
    }

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            var part = buffer[..Math.Min(buffer.Length, _inputBytes.Length)];
            part.CopyTo(_inputBytes);
            _input = _input with { Position = 0, Size = (nuint)part.Length };
            while (_input.Position < _input.Size) Step(LibZstd.Continue);
            buffer = buffer[part.Length..];
        }
    }

    /// <inheritdoc/>
    public override void Complete()
    {
        _input = _input with { Position = 0, Size = 0 };
        while (Step(LibZstd.End) != 0)
        {
            // What is left to be written did not fit into the output buffer.
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing) _context.Dispose();
        base.Dispose(disposing);
    }

    private static nuint Checked(nuint result) => LibZstd.IsError(result) == 0
        ? result
        : throw new MachineException($"libzstd can't compress: {Marshal.PtrToStringUTF8(LibZstd.ErrorName(result))}");

    /// <summary>Compresses some, and says how much the library still holds back.</summary>
    private nuint Step(int operation)
    {
        _output.Position = 0;
        var left = Checked(LibZstd.Compress(_context, ref _output, ref _input, operation));
        _compressed.Write(_outputBytes, 0, (int)_output.Position);
        return left;
    }
}
