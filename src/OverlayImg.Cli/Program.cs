using OverlayImg.Cli.Verbs;

return await Invocation.RunAsync(args);
