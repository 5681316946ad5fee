using System.Net.Sockets;
using System.Text;
using OverlayImg.FileSystems;

namespace OverlayImg.Sandbox.Ports;

/// <summary>The port on which host and guest talk: lines of ASCII (vm-images/PROTOCOL.md). Not thread-safe.</summary>
internal sealed class ControlPort(Socket socket) : IDisposable
{
    private const int MaximumLineLength = 1024;

    private readonly byte[] _buffer = new byte[MaximumLineLength];
    private int _length;

    /// <summary>The guest's next line; null when QEMU has gone.</summary>
    /// <exception cref="InvalidDataException">The guest said what the protocol does not know.</exception>
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

    /// <summary>Says a line to the guest. Whether it was heard shows in what the guest says next.</summary>
    public Task SendAsync(string line, CancellationToken cancellationToken) => SendAsync(Encoding.ASCII.GetBytes(line + "\n"), cancellationToken);

    /// <summary>Sends what belongs to the line before. The guest takes it while it says nothing, so that neither waits for the other.</summary>
    public async Task SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        try
        {
            while (bytes.Length > 0) bytes = bytes[await socket.SendAsync(bytes, cancellationToken)..];
        }
        catch (SocketException)
        {
            // QEMU has gone: the next read says so, and why is found out there.
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
            // A reset is an end like any other: QEMU was killed with something unread.
            return 0;
        }
    }
}
