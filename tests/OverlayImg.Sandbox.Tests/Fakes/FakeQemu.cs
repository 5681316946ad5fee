using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using OverlayImg.Testing;

namespace OverlayImg.Sandbox.Tests.Fakes;

/// <summary>
/// A fake QEMU that misbehaves: <c>fake-qemu BEHAVIOUR ARGUMENTS...</c>. It connects to the sockets in its current directory as QEMU does,
/// responds to every command of the monitor, and plays the guest on the ports.
/// </summary>
internal static class FakeQemu
{
    public const string Command = "fake-qemu";

    // As QEMU 7.2 sends it when the host's disk is full.
    private const string DiskIsFull =
        """{"event": "BLOCK_IO_ERROR", "data": {"nospace": false, "node-name": "upper", "reason": "No space left on device"}}""";

    // As QEMU 7.2 sends it for a request that was under way when QEMU detached the disks.
    private const string DriveIsGone =
        """{"event": "BLOCK_IO_ERROR", "data": {"device": "", "nospace": false, "operation": "write", "reason": "No medium found"}}""";

    // The kernel sends SIGBUS to a program that touches a page which the host can't provide. Sent by the shell, because .NET handles the signal.
    private const string EndForWantOfMemory = "case \"$*\" in *memory-backend-file*) kill -BUS $$ ;; esac";

    /// <summary>Writes an executable that replaces <c>qemu-system-x86_64</c>, and returns its path.</summary>
    public static async Task<string> InstallAsync(string directory, string behaviour)
    {
        var path = Path.Combine(directory, $"qemu-{behaviour}");
        await TestProgram.WriteAsync(path, $"""
            #!/bin/sh
            echo >>'{StartsIn(directory)}'
            {(behaviour is "loses-its-memory" ? EndForWantOfMemory : "")}
            exec '{Environment.ProcessPath}' {Command} {behaviour} "$@"

            """);
        return path;
    }

    /// <summary>Number of times that the executable in <paramref name="directory"/> has been started.</summary>
    public static int Starts(string directory) => File.ReadAllLines(StartsIn(directory)).Length;

    public static async Task<int> RunAsync(string behaviour, string[] arguments)
    {
        switch (behaviour)
        {
            case "fails":
                Console.Error.WriteLine("qemu-system-x86_64: something is wrong here");
                return 1;
            case "is-killed":
                Process.GetCurrentProcess().Kill();
                break;
            case "hangs":
                await Task.Delay(Timeout.Infinite);
                break;
            case "maps-no-file" when HasMemoryFile(arguments):
                Console.Error.WriteLine("qemu-system-x86_64: unable to map backing store for guest RAM: Invalid argument");
                return 1;
            case "has-no-filter" when arguments.Contains("-sandbox"):
                Console.Error.WriteLine("qemu-system-x86_64: -sandbox on: sandboxing request but seccomp is not compiled into this build");
                return 1;
        }

        static bool HasMemoryFile(string[] arguments) =>
            arguments.Any(argument => argument.Contains("memory-backend-file", StringComparison.Ordinal));

        using var machine = new Machine();
        return await machine.PlayAsync(behaviour);
    }

    private static string StartsIn(string directory) => Path.Combine(directory, "starts");

    private sealed class Machine : IDisposable
    {
        private readonly NetworkStream _monitor = Connect("qmp");
        private readonly NetworkStream _control = Connect("control");
        private readonly NetworkStream _log = Connect("log");
        private readonly TaskCompletionSource _quit = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private string _status = "running";
        private bool _cacheIsLost;

        public async Task<int> PlayAsync(string behaviour)
        {
            _cacheIsLost = behaviour is "loses-the-cache";
            if (behaviour is "babbles")
            {
                await SayAsync(_monitor, "this is no JSON");
                await Task.Delay(Timeout.Infinite);
            }

            await SayAsync(_monitor, """{"QMP": {"version": {"qemu": {"micro": 3, "minor": 2, "major": 1}, "package": ""}, "capabilities": []}}""");
            var answering = AnswerAsync(behaviour switch { "quits-under-way" => DriveIsGone, "fails-at-the-end" => DiskIsFull, _ => null });
            await SayAsync(_control, behaviour switch { "speaks-version-1" => "READY 1", "talks-nonsense" => "HELLO", _ => "READY 7" });
            using var commands = new StreamReader(_control, leaveOpen: true);
            var job = await commands.ReadLineAsync();
            if (job?.StartsWith("WAKE ", StringComparison.Ordinal) ?? false)
            {
                await SayAsync(_control, "READY 7");
                job = await commands.ReadLineAsync();
            }

            switch (behaviour)
            {
                case "powers-off":
                    return 0;
                case "panics":
                    Console.WriteLine("[    1.234567] Kernel panic - not syncing: Attempted to kill init! exitcode=0x00000100");
                    Console.WriteLine("[    1.234568] CPU: 0 PID: 1 Comm: init");
                    return 0;
                case "has-a-full-host":
                    await SayAsync(_monitor, DiskIsFull);
                    await Task.WhenAny(answering, _quit.Task);
                    return 0;
                case "loses-a-drive":
                    await SayAsync(_monitor, DriveIsGone);
                    await Task.WhenAny(answering, _quit.Task);
                    return 0;
                case "stops":
                    // A stopped guest sends no result.
                    _status = "internal-error";
                    await SayAsync(_monitor, """{"timestamp": {}, "event": "STOP"}""");
                    await Task.WhenAny(answering, _quit.Task);
                    return 0;
                case "endless-line":
                    await _control.WriteAsync(new byte[5000]);
                    break;
                case "sleeps":
                    await SayAsync(_log, "waiting");
                    await SayAsync(_control, "PHASE script");
                    await Task.WhenAny(answering, _quit.Task);
                    return 0;
                case "logs-much":
                    await LogAsync();
                    break;
            }

            await SayAsync(_control, job is "DISKS 1" ? "RESULT ok" : $"RESULT error unexpected {job}");
            await Task.WhenAny(answering, _quit.Task);
            return 0;
        }

        public void Dispose()
        {
            _monitor.Dispose();
            _control.Dispose();
            _log.Dispose();
        }

        private static NetworkStream Connect(string name)
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            socket.Connect(new UnixDomainSocketEndPoint(name));
            return new(socket, ownsSocket: true);
        }

        private static async Task SayAsync(NetworkStream stream, string line) => await stream.WriteAsync(Encoding.ASCII.GetBytes(line + "\n"));

        // Moved and not deleted, because the tool may be creating files in the directory at this moment.
        private void Save()
        {
            using var state = Connect("state");
            state.Write("state"u8);
            if (_cacheIsLost) Directory.Move(Path.Combine("..", "..", "snapshots"), Path.Combine("..", "..", "lost"));
        }

        private async Task LogAsync()
        {
            for (var line = 0; line < 100_000; line++) await _log.WriteAsync(Encoding.ASCII.GetBytes($"{line:d9}\n"));
        }

        private async Task AnswerAsync(string? lastEvent)
        {
            using var requests = new StreamReader(_monitor, leaveOpen: true);
            while (await requests.ReadLineAsync() is { } line)
            {
                using var request = JsonDocument.Parse(line);
                var (command, id) = (request.RootElement.GetProperty("execute").GetString(), request.RootElement.GetProperty("id").GetString());
                if (command is "quit" && lastEvent is not null) await SayAsync(_monitor, lastEvent);
                if (command is "migrate") Save();
                var result = command switch
                {
                    "query-status" => $$"""{"status": "{{_status}}"}""",
                    "query-migrate" => """{"status": "completed"}""",
                    _ => "{}",
                };
                await SayAsync(_monitor, $$"""{"return": {{result}}, "id": "{{id}}"}""");
                if (command is "quit") _quit.SetResult();
            }
        }
    }
}
