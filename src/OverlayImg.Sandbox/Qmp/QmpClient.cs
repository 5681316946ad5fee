using System.Buffers;
using System.Collections.Concurrent;
using System.Globalization;
using System.IO.Pipelines;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;

namespace OverlayImg.Sandbox.Qmp;

/// <summary>
/// A client of QEMU's machine protocol (QMP): one JSON object per line. Several commands may be outstanding; responses are matched by <c>id</c>.
/// Events arrive in a channel.
/// </summary>
internal sealed class QmpClient : IAsyncDisposable
{
    /// <summary>Maximum length of a line from QEMU, in bytes. The responses to the commands in use are far shorter.</summary>
    public const int MaximumLineLength = 1 << 20;

    // A guest can provoke events without limit, for example I/O errors. The oldest events are then dropped.
    private const int MaximumQueuedEvents = 1024;

    private readonly Stream _stream;
    private readonly ConcurrentDictionary<string, PendingCommand> _pending = new();
    private readonly Channel<QmpEvent> _events = Channel.CreateBounded<QmpEvent>(
        new BoundedChannelOptions(MaximumQueuedEvents) { FullMode = BoundedChannelFullMode.DropOldest, SingleWriter = true });
    // Never disposed: the semaphore holds no handle, and disposing it would break a command that is being sent.
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly TaskCompletionSource<string> _greeting = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _reading;
    private long _lastId;
    private volatile Exception? _end;

    private QmpClient(Stream stream)
    {
        _stream = stream;
        _reading = ReadAsync();
    }

    /// <summary>Version of QEMU, from its greeting: "7.2.22".</summary>
    public string QemuVersion { get; private set; } = "";

    /// <summary>QEMU's events. The channel completes when the connection ends.</summary>
    public ChannelReader<QmpEvent> Events => _events.Reader;

    /// <summary>
    /// Waits for QEMU's greeting and leaves capabilities negotiation. Takes ownership of <paramref name="stream"/>, also when it throws.
    /// </summary>
    /// <exception cref="QmpException">The peer is not QEMU, or the connection ended.</exception>
    public static async Task<QmpClient> ConnectAsync(Stream stream, CancellationToken cancellationToken)
    {
        var client = new QmpClient(stream);
        try
        {
            client.QemuVersion = await client._greeting.Task.WaitAsync(cancellationToken);
            await client.ExecuteAsync("qmp_capabilities", null, cancellationToken);
            return client;
        }
        catch
        {
            await client.DisposeAsync();
            throw;
        }
    }

    /// <summary>Sends a command and returns the <c>return</c> member of its response.</summary>
    /// <exception cref="QmpException">QEMU responded with an error, or the connection ended before the response.</exception>
    public async Task<JsonElement> ExecuteAsync(string command, JsonObject? arguments = null, CancellationToken cancellationToken = default)
    {
        var id = Interlocked.Increment(ref _lastId).ToString(CultureInfo.InvariantCulture);
        var pending = new PendingCommand(command);
        _pending[id] = pending;
        try
        {
            // Checked after the command is registered: if the reader ends at the same time, one of the two always notices the other.
            if (_end is { } end) throw ConnectionLost(command, end);
            await SendAsync(Request(command, arguments, id), command, cancellationToken);
            return await pending.Answer.Task.WaitAsync(cancellationToken);
        }
        finally
        {
            _pending.TryRemove(id, out _);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync();
        await _reading;
    }

    private static ReadOnlyMemory<byte> Request(string command, JsonObject? arguments, string id)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("execute", command);
            if (arguments is not null)
            {
                writer.WritePropertyName("arguments");
                arguments.WriteTo(writer);
            }

            writer.WriteString("id", id);
            writer.WriteEndObject();
        }

        buffer.Write("\n"u8);
        return buffer.WrittenMemory;
    }

    private static QmpException ConnectionLost(string command, Exception? cause) =>
        new(command, null, cause is null or EndOfStreamException ? "QEMU closed its monitor" : cause.Message, cause);

    private async Task SendAsync(ReadOnlyMemory<byte> request, string command, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            // Not cancellable: half a line would make QEMU misread every later command.
            await _stream.WriteAsync(request, CancellationToken.None);
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            throw ConnectionLost(command, exception);
        }
        finally
        {
            _writing.Release();
        }
    }

    private async Task ReadAsync()
    {
        Exception end = new EndOfStreamException();
        try
        {
            var reader = PipeReader.Create(_stream);
            while (true)
            {
                var read = await reader.ReadAsync();
                var rest = read.Buffer;
                while (rest.PositionOf((byte)'\n') is { } newline)
                {
                    Handle(rest.Slice(0, newline));
                    rest = rest.Slice(rest.GetPosition(1, newline));
                }

                if (rest.Length > MaximumLineLength) throw new InvalidDataException($"QEMU sent a line of more than {MaximumLineLength} bytes");
                reader.AdvanceTo(rest.Start, rest.End);
                if (read.IsCompleted) break;
            }
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException or InvalidDataException or JsonException)
        {
            end = exception is JsonException ? new InvalidDataException("QEMU sent a line that is no JSON object", exception) : exception;
        }

        _end = end;
        _events.Writer.Complete();
        _greeting.TrySetException(ConnectionLost("greeting", end));
        // If the greeting had arrived, nobody awaits this exception; reading it keeps the finalizer from reporting it as unobserved.
        _ = _greeting.Task.Exception;
        foreach (var (_, pending) in _pending) pending.Answer.TrySetException(ConnectionLost(pending.Command, end));
    }

    private void Handle(ReadOnlySequence<byte> line)
    {
        if (line.Length > MaximumLineLength) throw new InvalidDataException($"QEMU sent a line of more than {MaximumLineLength} bytes");
        // QEMU may send an empty line (CR LF) between messages.
        if (line.Length <= 1) return;
        using var document = JsonDocument.Parse(line);
        var message = document.RootElement.Clone();
        if (message.ValueKind != JsonValueKind.Object) throw new JsonException();
        if (Member(message, "event") is { } name) _events.Writer.TryWrite(new(name, message.TryGetProperty("data", out var data) ? data : default));
        else if (Object(message, "QMP") is { } greeting) _greeting.TrySetResult(Version(greeting));
        else if (Member(message, "id") is { } id && _pending.TryGetValue(id, out var pending)) Answer(pending, message);
    }

    private static void Answer(PendingCommand pending, JsonElement message)
    {
        if (message.TryGetProperty("return", out var value)) pending.Answer.TrySetResult(value);
        else if (Object(message, "error") is { } error) Refuse(Member(error, "class"), Member(error, "desc") ?? "failed");
        else Refuse(null, "QEMU's answer holds neither a result nor an error");

        void Refuse(string? errorClass, string description) =>
            pending.Answer.TrySetException(new QmpException(pending.Command, errorClass, description));
    }

    private static JsonElement? Object(JsonElement value, string name) =>
        value.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.Object ? member : null;

    private static string? Member(JsonElement value, string name) =>
        value.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.String ? member.GetString() : null;

    private static string Version(JsonElement greeting)
    {
        if (Object(greeting, "version") is not { } version || Object(version, "qemu") is not { } qemu) return "unknown";
        return $"{Part("major")}.{Part("minor")}.{Part("micro")}";

        string Part(string name) => qemu.TryGetProperty(name, out var number) ? number.ToString() : "?";
    }

    private sealed record PendingCommand(string Command)
    {
        public TaskCompletionSource<JsonElement> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
