using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.Unicode;
using OverlayImg.Cli.Exits;
using OverlayImg.Cli.Options;
using OverlayImg.Cli.Reporting;
using OverlayImg.FileSystems.HostDirectory;

namespace OverlayImg.Cli.Verbs;

/// <summary>One run of the tool, from its command line to its exit code. Nothing escapes it: every end that is no success is one sentence.</summary>
internal sealed class Invocation
{
    private TerminationSignals? _signals;
    private ParseResult? _parsed;
    private Reporter? _reporter;
    private int _isEnding;

    private Invocation()
    {
        Current = this;
        // What another thread, a finalizer or a signal's handler throws would abort the process.
        AppDomain.CurrentDomain.UnhandledException += (_, happened) => End((Exception)happened.ExceptionObject);
    }

    /// <summary>The invocation of this process.</summary>
    public static Invocation Current { get; private set; } = null!;

    /// <summary>Shows what the user is told.</summary>
    public Reporter Reporter => _reporter ??= Reporter.Create(quiet: true, verbose: false, Names);

    /// <summary>Whether the result is printed as JSON.</summary>
    public bool PrintsJson { get; private set; }

    // Those of the verb that the arguments name, once they are parsed.
    private OptionNames Names => new(_parsed?.CommandResult.Command);

    /// <summary>Runs the verb that the arguments name; gives the exit code.</summary>
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
        // The signals come first: from here on nothing that the tool makes is left behind by one.
        _signals = TerminationSignals.Install();
        _signals.Hurried += () => End(new OperationCanceledException());
        PrivateDirectory.ForbidWorldWritableFiles();
        PrintsJson = arguments.Contains(CommonOptions.Json.Name);
        // A word that begins with @ is that word, and no file with more words.
        _parsed = CommandLine.Create().Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        var hasErrors = _parsed.Errors.Count > 0;
        if (!hasErrors) PrintsJson = _parsed.GetValue(CommonOptions.Json);
        _reporter = Reporter.Create(
            !hasErrors && _parsed.GetValue(CommonOptions.Quiet), !hasErrors && _parsed.GetValue(CommonOptions.Verbose), Names);
        if (hasErrors) throw new UsageException(Complaint(_parsed));
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

    // The runtime replaces bytes of arguments that are not UTF-8, so that a path would name another file than the user meant.
    private static void RequireTextArguments(string[] arguments)
    {
        if (arguments.FirstOrDefault(argument => argument.Contains('\uFFFD', StringComparison.Ordinal)) is not { } odd) return;
        if (!Utf8.IsValid(File.ReadAllBytes("/proc/self/cmdline")))
            throw new UsageException($"The argument '{odd}' has bytes that are not UTF-8. Rename the file, or give its directory instead.");
    }

    // One line for each error, and where help is.
    private static string Complaint(ParseResult parsed)
    {
        var words = new Stack<string>();
        for (SymbolResult? result = parsed.CommandResult; result is CommandResult { Command: var command }; result = result.Parent)
            words.Push(command is RootCommand ? "overlayimg" : command.Name);
        return string.Join('\n', parsed.Errors.Select(error => error.Message).Append($"See '{string.Join(' ', words)} --help'."));
    }

    private int Fail(Exception exception)
    {
        var failure = Failure.Of(exception, _signals?.Received, Names);
        try
        {
            Reporter.Error(failure);
            if (PrintsJson) JsonOutput.Print(writer => ErrorJson.Write(writer, failure, Reporter.Warnings));
        }
        catch (Exception)
        {
            // Nobody reads stdout any more, it is full, or there is no memory for a message. The exit code tells the failure.
            return failure.ExitCode;
        }

        return failure.ExitCode;
    }

    // From any thread, while others go on.
    private void End(Exception exception)
    {
        if (Interlocked.Exchange(ref _isEnding, 1) != 0) return;
        var exitCode = ExitCodes.Bug;
        try
        {
            exitCode = Fail(exception);
            ScratchDirectory.RemoveAll();
        }
        finally
        {
            Environment.Exit(exitCode);
        }
    }
}
