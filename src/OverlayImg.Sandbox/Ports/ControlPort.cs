using System.Net.Sockets;
using System.Text;
using OverlayImg.FileSystems;

namespace OverlayImg.Sandbox.Ports;

/// <summary>The host's side of the control port: ASCII lines to and from the guest (vm-images/PROTOCOL.md). Not thread-safe.</summary>
internal sealed class ControlPort(Socket socket) : IDisposable
{
    private const int MaximumLineLength = 1024;

    private readonly byte[] _buffer = new byte[MaximumLineLength];
    private int _length;

    /// <summary>Reads the guest's next line. Returns null if QEMU has ended.</summary>
    /// <exception cref="InvalidDataException">The line is too long, or the protocol does not allow it.</exception>
    public async Task<ControlMessage?> ReadAsync(CancellationToken cancellationToken)
    {
        int end;
        while ((end = _buffer.AsSpan(0, _length).IndexOf((byte)'\n')) < 0)
        {
            if (_length == _buffer.Length) throw new InvalidDataException($"a line of more than {MaximumLineLength} bytes");
            var count = await ReceiveAsync(cancellationToken);
            if (count == 0) return null;
            _length += count;
        }

        var line = _buffer.AsSpan(0, end);
        var message = ControlMessage.Parse(line) ?? throw new InvalidDataException($"the line '{DisplayName.Of(line)}'");
        _buffer.AsSpan(end + 1, _length - end - 1).CopyTo(_buffer);
        _length -= end + 1;
        return message;
    }

    /// <summary>Sends a line to the guest. An error shows only at the next read.</summary>
    public Task SendAsync(string line, CancellationToken cancellationToken) => SendAsync(Encoding.ASCII.GetBytes(line + "\n"), cancellationToken);

    /// <summary>Sends bytes that follow a line. The guest reads them before it writes again, so the two sides can't block each other.</summary>
    public async Task SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        try
        {
            while (bytes.Length > 0) bytes = bytes[await socket.SendAsync(bytes, cancellationToken)..];
        }
        catch (SocketException)
        {
            // QEMU has ended. The next read reports that, and its caller finds the cause.
            return;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => socket.Dispose();

    private async Task<int> ReceiveAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await socket.ReceiveAsync(_buffer.AsMemory(_length), cancellationToken);
        }
        catch (SocketException)
        {
            // A connection reset means that QEMU was killed before it had read everything.
            return 0;
        }
    }
}
