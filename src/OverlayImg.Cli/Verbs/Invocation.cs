using System.CommandLine;
using System.Text.Unicode;
using OverlayImg.Cli.Exits;
using OverlayImg.Cli.Options;
using OverlayImg.Cli.Reporting;
using OverlayImg.Cli.Terminals;
using OverlayImg.FileSystems.HostDirectory;

namespace OverlayImg.Cli.Verbs;

/// <summary>
/// One run of the tool, from its command line to its exit code. Every exception becomes a message and an exit code.
/// </summary>
internal sealed class Invocation
{
    private TerminationSignals? _signals;
    private ParseResult? _parsed;
    private Reporter? _reporter;
    private int _isEnding;

    private Invocation()
    {
        Current = this;
        // An exception in another thread, a finalizer or a signal handler would otherwise abort the process with a core dump.
        AppDomain.CurrentDomain.UnhandledException += (_, happened) => End((Exception)happened.ExceptionObject);
    }

    /// <summary>The only invocation of this process.</summary>
    public static Invocation Current { get; private set; } = null!;

    /// <summary>Prints messages to stderr. Until the command line is parsed, it prints only errors.</summary>
    public Reporter Reporter => _reporter ??= Reporter.Create(quiet: true, verbose: false, Names);

    /// <summary>Whether the result is printed as JSON.</summary>
    public bool PrintsJson { get; private set; }

    // Before the arguments are parsed no verb is known, and no option is named.
    private OptionNames Names => new(_parsed?.CommandResult.Command);

    /// <summary>Runs the verb that the arguments name, and returns the exit code.</summary>
    public static async Task<int> RunAsync(string[] arguments)
    {
        var invocation = new Invocation();
        try
        {
            return await invocation.RunVerbAsync(arguments);
        }
        catch (Exception exception)
        {
            return invocation.Fail(exception);
        }
        finally
        {
            invocation.CleanUp();
        }
    }

    private async Task<int> RunVerbAsync(string[] arguments)
    {
        // The signal handlers are installed before anything is written, so that a signal leaves no file behind.
        _signals = TerminationSignals.Install();
        _signals.Hurried += () => End(new OperationCanceledException());
        PrivateDirectory.ForbidWorldWritableFiles();
        PrintsJson = arguments.Contains(CommonOptions.Json.Name);
        // An argument that begins with @ is taken literally, not as a response file.
        _parsed = CommandLine.Create().Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        var hasErrors = _parsed.Errors.Count > 0;
        if (!hasErrors) PrintsJson = _parsed.GetValue(CommonOptions.Json);
        _reporter = Reporter.Create(
            !hasErrors && _parsed.GetValue(CommonOptions.Quiet), !hasErrors && _parsed.GetValue(CommonOptions.Verbose), Names);
        if (hasErrors && HelpVerb.AskedBy(_parsed) is { } command) return Help.Print(command);
        if (hasErrors) throw new UsageException(string.Join('\n', UsageComplaints.Of(_parsed)));
        RequireTextArguments(arguments);
        _ = CommonOptions.CacheLimitOf(_parsed);
        return await _parsed.InvokeAsync(
            new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }, _signals.Token);
    }

    private void CleanUp()
    {
        try
        {
            _reporter?.Dispose();
        }
        finally
        {
            ScratchDirectory.RemoveAll();
        }
    }

    // The runtime replaces bytes of arguments that are not UTF-8, so a path would name a different file.
    private static void RequireTextArguments(string[] arguments)
    {
        if (arguments.FirstOrDefault(argument => argument.Contains('\uFFFD', StringComparison.Ordinal)) is not { } odd) return;
        if (!Utf8.IsValid(File.ReadAllBytes("/proc/self/cmdline")))
            throw new UsageException($"The argument '{odd}' has bytes that are not UTF-8. Rename the file, or give its directory instead.");
    }

    private int Fail(Exception exception)
    {
        var failure = Failure.Of(exception, _signals?.Received, Names);
        if (failure.ExitCode == ExitCodes.Usage && _parsed is not null)
            failure = failure with { Message = $"{failure.Message}\nSee '{HelpVerb.WayTo(_parsed.CommandResult.Command)}'." };
        try
        {
            Reporter.Error(failure);
            if (PrintsJson) JsonOutput.Print(writer => ErrorJson.Write(writer, failure, Reporter.Warnings));
        }
        catch (Exception)
        {
            // The reader of stdout is gone, its disk is full, or there is no memory for a message. The exit code still reports the failure.
            return failure.ExitCode;
        }

        return failure.ExitCode;
    }

    // Called from any thread while other threads still run, so only the first call acts.
    private void End(Exception exception)
    {
        if (Interlocked.Exchange(ref _isEnding, 1) != 0) return;
        var exitCode = ExitCodes.Bug;
        try
        {
            UserTerminal.RestoreOpened();
            exitCode = Fail(exception);
            ScratchDirectory.RemoveAll();
        }
        finally
        {
            Environment.Exit(exitCode);
        }
    }
}
