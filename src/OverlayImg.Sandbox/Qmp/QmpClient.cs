using System.Buffers;
using System.Collections.Concurrent;
using System.Globalization;
using System.IO.Pipelines;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;

namespace OverlayImg.Sandbox.Qmp;

/// <summary>
/// QEMU's machine protocol: one JSON object per line. Commands may be sent before earlier ones are answered; each finds its answer by its
/// <c>id</c>. Events come by a channel.
/// </summary>
internal sealed class QmpClient : IAsyncDisposable
{
    /// <summary>Longest line that is accepted. No answer to the few commands in use comes near it.</summary>
    public const int MaximumLineLength = 1 << 20;

    // A guest can provoke events as fast as it likes (an I/O error each, say); the oldest are dropped then.
    private const int MaximumQueuedEvents = 1024;

    private readonly Stream _stream;
    private readonly ConcurrentDictionary<string, PendingCommand> _pending = new();
    private readonly Channel<QmpEvent> _events = Channel.CreateBounded<QmpEvent>(
        new BoundedChannelOptions(MaximumQueuedEvents) { FullMode = BoundedChannelFullMode.DropOldest, SingleWriter = true });
    // Never disposed: it holds no handle, and a command that is just being sent would trip over it.
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

    /// <summary>Version of QEMU, as its greeting tells it: "7.2.22".</summary>
    public string QemuVersion { get; private set; } = "";

    /// <summary>What QEMU tells unasked. Completes when the connection ends.</summary>
    public ChannelReader<QmpEvent> Events => _events.Reader;

    /// <summary>Waits for the greeting and leaves the negotiation mode. Takes over <paramref name="stream"/>, also when it fails.</summary>
    /// <exception cref="QmpException">What answered is no QEMU, or it went away.</exception>
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

    /// <summary>Sends a command and waits for its answer: the <c>return</c> value.</summary>
    /// <exception cref="QmpException">QEMU answers with an error, or the connection ends first.</exception>
    public async Task<JsonElement> ExecuteAsync(string command, JsonObject? arguments = null, CancellationToken cancellationToken = default)
    {
        var id = Interlocked.Increment(ref _lastId).ToString(CultureInfo.InvariantCulture);
        var pending = new PendingCommand(command);
        _pending[id] = pending;
        try
        {
            // Asked after it was put up: whichever of this and the reader's end comes second sees the other.
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
            // Not cancellable: half a line would spoil every command after it.
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
        // Seen by nobody when the greeting did come; without this the finalizer would report it.
        _ = _greeting.Task.Exception;
        foreach (var (_, pending) in _pending) pending.Answer.TrySetException(ConnectionLost(pending.Command, end));
    }

    private void Handle(ReadOnlySequence<byte> line)
    {
        if (line.Length > MaximumLineLength) throw new InvalidDataException($"QEMU sent a line of more than {MaximumLineLength} bytes");
        // A lone CR LF is all that may stand between messages.
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
