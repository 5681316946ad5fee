using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using OverlayImg.Sandbox.Qmp;
using OverlayImg.Testing;

namespace OverlayImg.Sandbox.Tests.Qmp;

/// <summary>The QMP client against a scripted monitor.</summary>
public sealed class QmpClientTests : IAsyncDisposable
{
    private const string Greeting =
        """{"QMP": {"version": {"qemu": {"micro": 22, "minor": 2, "major": 7}, "package": "Debian"}, "capabilities": ["oob"]}}""";

    private readonly NetworkStream _server;
    private readonly StreamReader _requests;
    private readonly NetworkStream _clientStream;

    public QmpClientTests()
    {
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        using var directory = new TemporaryDirectory();
        listener.Bind(new UnixDomainSocketEndPoint(directory["socket"]));
        listener.Listen();
        var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        client.Connect(listener.LocalEndPoint!);
        _clientStream = new(client, ownsSocket: true);
        _server = new(listener.Accept(), ownsSocket: true);
        _requests = new(_server);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        _requests.Dispose();
        await _server.DisposeAsync();
        await _clientStream.DisposeAsync();
    }

    [Fact]
    public async Task Responses_are_matched_to_commands_in_any_order()
    {
        await using var client = await ConnectAsync();
        var first = client.ExecuteAsync("first", new JsonObject { ["path"] = "a \"b\" \n ü" }, Token);
        var second = client.ExecuteAsync("second", null, Token);
        var (one, two) = (await RequestAsync(), await RequestAsync());
        Assert.Equal("first", one.GetProperty("execute").GetString());
        Assert.Equal("a \"b\" \n ü", one.GetProperty("arguments").GetProperty("path").GetString());
        Assert.False(two.TryGetProperty("arguments", out _));
        await SayAsync($$"""{"return": 2, "id": {{two.GetProperty("id").GetRawText()}}}""");
        await SayAsync($$"""{"return": {"n": 1}, "id": {{one.GetProperty("id").GetRawText()}}}""");
        Assert.Equal(2, (await second).GetInt32());
        Assert.Equal(1, (await first).GetProperty("n").GetInt32());
        Assert.Equal("7.2.22", client.QemuVersion);
    }

    [Fact]
    public async Task An_error_has_the_command_the_class_and_the_description()
    {
        await using var client = await ConnectAsync();
        var command = client.ExecuteAsync("blockdev-add", null, Token);
        var id = (await RequestAsync()).GetProperty("id").GetRawText();
        await SayAsync($$$"""{"error": {"class": "GenericError", "desc": "Could not open 'x'"}, "id": {{{id}}}}""");
        var exception = await Assert.ThrowsAsync<QmpException>(() => command);
        Assert.Equal(("blockdev-add", "GenericError", "Could not open 'x'"), (exception.Command, exception.ErrorClass, exception.Description));
    }

    [Fact]
    public async Task Events_arrive_also_between_a_command_and_its_response()
    {
        await using var client = await ConnectAsync();
        var command = client.ExecuteAsync("cont", null, Token);
        var id = (await RequestAsync()).GetProperty("id").GetRawText();
        await SayAsync("""{"timestamp": {"seconds": 1}, "event": "BLOCK_IO_ERROR", "data": {"node-name": "upper", "nospace": true}}""");
        await SayAsync($$$"""{"return": {}, "id": {{{id}}}}""");
        await command;
        var happened = await client.Events.ReadAsync(Token);
        Assert.Equal(("BLOCK_IO_ERROR", "upper"), (happened.Name, happened.Text("node-name")));
        Assert.Null(happened.Text("nospace"));
        Assert.Null(happened.Text("reason"));
    }

    [Fact]
    public async Task Pending_and_later_commands_fail_when_the_connection_ends()
    {
        await using var client = await ConnectAsync();
        var command = client.ExecuteAsync("quit", null, Token);
        await RequestAsync();
        await _server.DisposeAsync();
        Assert.Equal("quit: QEMU closed its monitor", (await Assert.ThrowsAsync<QmpException>(() => command)).Message);
        await client.Events.Completion;
        Assert.Null((await Assert.ThrowsAsync<QmpException>(() => client.ExecuteAsync("cont", null, Token))).ErrorClass);
    }

    [Theory]
    [InlineData("this is no JSON")]
    [InlineData("[1, 2]")]
    [InlineData("\"text\"")]
    public async Task A_line_that_is_no_JSON_object_ends_the_connection(string line)
    {
        await SayAsync(line);
        var exception = await Assert.ThrowsAsync<QmpException>(() => QmpClient.ConnectAsync(_clientStream, Token));
        Assert.Equal("greeting: QEMU sent a line that is no JSON object", exception.Message);
    }

    [Fact]
    public async Task A_line_that_is_too_long_ends_the_connection()
    {
        var connecting = QmpClient.ConnectAsync(_clientStream, Token);
        var piece = new byte[64 << 10];
        Array.Fill(piece, (byte)' ');
        await Assert.ThrowsAnyAsync<IOException>(async () =>
        {
            for (var sent = 0; sent < 100 * QmpClient.MaximumLineLength; sent += piece.Length) await _server.WriteAsync(piece, Token);
        });
        Assert.Contains("more than 1048576 bytes", (await Assert.ThrowsAsync<QmpException>(() => connecting)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cancelled_command_does_not_affect_later_ones()
    {
        await using var client = await ConnectAsync();
        using var cancellation = new CancellationTokenSource();
        var cancelled = client.ExecuteAsync("one", null, cancellation.Token);
        var id = (await RequestAsync()).GetProperty("id").GetRawText();
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        await SayAsync($$$"""{"return": {}, "id": {{{id}}}}""");
        var next = client.ExecuteAsync("two", null, Token);
        await SayAsync($$$"""{"return": "ok", "id": {{{(await RequestAsync()).GetProperty("id").GetRawText()}}}}""");
        Assert.Equal("ok", (await next).GetString());
    }

    private async Task<QmpClient> ConnectAsync()
    {
        var connecting = QmpClient.ConnectAsync(_clientStream, Token);
        await SayAsync(Greeting);
        var request = await RequestAsync();
        Assert.Equal("qmp_capabilities", request.GetProperty("execute").GetString());
        await SayAsync($$$"""{"return": {}, "id": {{{request.GetProperty("id").GetRawText()}}}}""");
        return await connecting;
    }

    private async Task<JsonElement> RequestAsync() => JsonDocument.Parse((await _requests.ReadLineAsync(Token))!).RootElement;

    private async Task SayAsync(string line) => await _server.WriteAsync(Encoding.UTF8.GetBytes(line + "\r\n"), Token);
}
